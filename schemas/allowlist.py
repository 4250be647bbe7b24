"""`allowlist.v1`: which part of the curriculum may reach the model at all."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import WHOLE, Document, NonEmpty

_Values = Annotated[tuple[NonEmpty, ...], Field(min_length=1)]


class RuleScope(Document):
    """The values that a rule lists; a job matches when all four of its values are listed."""

    subject: _Values
    level: _Values
    board: _Values
    spec_version: _Values


class Rule(Document):
    """One permission. Empty `slot_ids` means any slot."""

    id: NonEmpty
    enabled: bool
    applies_to: RuleScope
    kinds: _Values
    slot_ids: tuple[NonEmpty, ...]
    max_jobs_per_run: Annotated[int, Field(ge=1, le=100), WHOLE]


class Allowlist(Document):
    """The rules in force; a job that no enabled rule permits is denied."""

    version: Literal["allowlist.v1"]
    enabled: bool
    mode: Literal["deny_by_default"]
    rules: tuple[Rule, ...]
