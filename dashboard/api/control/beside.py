"""The five calls that stand before this application, described for its document: kill, its reason, the
state, sign-in and sign-out. `dashboard.api.routes` serves them; nothing here does.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from pydantic import Field

from dashboard.api.control.answers.form import Answered
from dashboard.api.control.asked import Asked

described = APIRouter()


class Why(Asked):
    """Why; it may be said afterwards."""

    reason: Annotated[str, Field(max_length=1_000)] | None = None


_UNSAID = Why()


class Stopped(Answered):
    """What was read back. `already`: everything was stopped before."""

    killed: Literal[True]
    by: str | None
    revision: int | None
    took_ms: Annotated[float, Field(serialization_alias="took_ms")]
    read_back: Annotated[str | None, Field(serialization_alias="read_back")]
    already: bool
    actor: str
    at: str


class ReasonGiven(Answered):
    """The reason that was owed."""

    given: Literal[True]
    by: str


class State(Answered):
    """Whether the model can be reached now, straight from the control file, and who asks."""

    state: str
    why: str | None
    environment: str | None
    stage: int | None
    step: str | None
    percent: int | None
    scope: str | None
    revision: int | None
    since: str | None
    by: str | None
    confirmation: dict[str, Any] | None
    at: str
    sign_in: bool
    you: dict[str, Any] | None


class Credentials(Asked):
    """`name` and `password`, or `token`, or a one-time `code`."""

    name: Annotated[str, Field(max_length=200)] | None = None
    password: Annotated[str, Field(max_length=1_000)] | None = None
    token: Annotated[str, Field(max_length=300)] | None = None
    code: Annotated[str, Field(max_length=100)] | None = None


class SignedIn(Answered):
    """Whose session it is; the cookie opens it."""

    operator: str
    expires: str


class SignedOut(Answered):
    """The session is over, also for a kill."""

    signed_out: bool


@described.post("/kill", responses={200: {"model": Stopped}}, tags=["kill"])
async def kill(asked: Annotated[Why, Body()] = _UNSAID) -> None:
    """Stop every AI call, now. Takes the role oncall or engineering_owner; a token of scope `kill` will do.

    Answers before anything is recorded, waits for nothing that may be broken, looks at no Idempotency-Key.
    """


@described.post("/kill/reason", responses={200: {"model": ReasonGiven}}, tags=["kill"])
async def kill_reason(asked: Why) -> None:
    """Say afterwards why; it stops nothing."""


@described.get("/state", responses={200: {"model": State}}, tags=["kill"])
async def state() -> None:
    """Whether the model can be reached now. Reads the control file and waits for no query."""


@described.post("/sign-in", responses={200: {"model": SignedIn}}, tags=["sessions"])
async def sign_in(asked: Credentials) -> None:
    """Open a session for a browser. Programs show their token with every call instead."""


@described.post("/sign-out", responses={200: {"model": SignedOut}}, tags=["sessions"])
async def sign_out() -> None:
    """End the session."""
