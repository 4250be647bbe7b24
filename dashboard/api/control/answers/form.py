"""What all answers are made of."""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Outcome = Literal["ALLOWED", "WOULD_BLOCK", "BLOCKED", "UNCHECKED"]
ModeName = Literal["off", "shadow", "enforce"]


class Answered(BaseModel):
    """One answer: exactly these members."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class Problem(BaseModel):
    """RFC 9457 problem details; `type` is `urn:slotgate:problem:` and a stable word. Some carry more."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


class Document(BaseModel):
    """A JSON object; docs/api.md names the page that explains its members."""

    model_config = ConfigDict(extra="allow")
