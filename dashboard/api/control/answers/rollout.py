"""Answers about what a rollout is judged by, and what people say of it."""

from typing import Any, Literal

from dashboard.api.control.answers.form import Answered, ModeName


class Version(Answered):
    """One version of the thresholds."""

    number: int
    by: str
    at: str
    request: int | None
    document: dict[str, Any]


class Versions(Answered):
    """Every version that somebody put in force, oldest first; version 0 are the defaults."""

    versions: list[Version]


class Prices(Answered):
    """A document as it was put in force; version 0 where nobody did."""

    version: int
    document: dict[str, Any] | None
    by: str | None
    at: str | None


class LimitToday(Answered):
    """How far a limit is used; `unknown` says what is not in `used`, null: nothing."""

    limit: str
    used: float
    of: float
    unit: str
    unknown: str | None


class Budget(Prices):
    """The budget, and how far each of its limits is used today."""

    today: list[LimitToday]


class Drill(Answered):
    """A drill of the kill."""

    drill: int
    request: int
    by: str
    state: str
    began_at: str
    base_revision: int
    kill_revision: int | None
    restored_revision: int | None
    confirmed_after_seconds: float | None
    ended_after_seconds: float | None
    words: str


class Drills(Answered):
    """Every drill, oldest first."""

    drills: list[Drill]


class DrillBegun(Answered):
    """Everything is stopped for the drill; `GET /drills` tells how it ends."""

    request: int
    state: Literal["running"]


class Tally(Answered):
    """How many were judged, and why how many were not let pass."""

    judged: int
    by_reason: dict[str, int]


class OfShadow(Tally):
    """What `shadow` would have blocked."""

    would_block: int


class OfEnforce(Tally):
    """What `enforce` blocked."""

    blocked: int


class ModeStanding(Answered):
    """The mode, what it said so far, the acceptance checks of a promotion, and whether all pass."""

    mode: ModeName
    shadow: OfShadow
    enforce: OfEnforce
    acceptance: list[dict[str, Any]]
    ready: bool


class AutoNarrow(Answered):
    """What a ROLL BACK does by itself, and did before this call."""

    auto_narrow: str
    before: str


class Frozen(Answered):
    """The digest under which a review is kept."""

    frozen: str
    verdict: str


class BadReported(Answered):
    """A report of a bad output: the rollout holds."""

    job: str
    report: int


class BadWithdrawn(Answered):
    """How many reports were taken back."""

    job: str
    withdrawn: int


class Signed(Answered):
    """A statement about an item."""

    statement: int
    item: str
    author: str


class StatementsWithdrawn(Answered):
    """How many statements were taken back."""

    item: str
    withdrawn: int
