"""What programs send: strict, bounded, and unknown members are refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from dashboard.api.control.numbers import LARGEST
from gates.changes.content import Terms
from gates.changes.documents import Document, Patch

Number = Annotated[int, Field(ge=1, le=LARGEST)]
Words = Annotated[str, Field(max_length=4096)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Digest = Annotated[str, Field(min_length=1, max_length=128)]
RoleName = Literal["viewer", "oncall", "engineering_owner", "approver", "auditor", "admin"]


class Asked(BaseModel):
    """One body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel)


class Said(Asked):
    """Why, and the link or id of the decision."""

    reason: Words = ""
    decision_record: Annotated[str, Field(max_length=2000)] = ""

    def terms(self) -> Terms:
        """As the change service takes it."""
        return Terms(reason=self.reason, decision_record=self.decision_record)


class Because(Asked):
    """Why."""

    reason: Words


class Change(Asked):
    """What shall change, at least one member; null leaves as it is. `off` disables the allowlist."""

    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    feature: bool | None = None
    kill: bool | None = None
    allowlist: dict[str, Any] | Literal["off"] | None = None
    rollout_zero: Literal["nobody", "everyone"] | None = None
    step: Literal["steady"] | None = None

    def patch(self, newest: Document) -> Patch:
        """Over the newest revision."""
        found = self.model_dump(by_alias=True, exclude_none=True)
        if self.allowlist == "off":
            found["allowlist"] = {**newest["allowlist"], "enabled": False}
        return found


class Proposal(Said):
    """A change of the controls. `baseRevision` is the revision that its author saw; null is the newest.

    `exception` says why to go on under NOT ENOUGH DATA, `broadeningNotNeeded` why to 100 without broadening.
    """

    change: Change
    base_revision: Number | None = None
    exception: Words | None = None
    broadening_not_needed: Words | None = None

    def terms(self) -> Terms:
        """As the change service takes it."""
        return Terms(
            reason=self.reason,
            decision_record=self.decision_record,
            exception=self.exception,
            broadening_not_needed=self.broadening_not_needed,
        )


class Edit(Proposal):
    """New content of an open request, whose digest its author saw."""

    seen_digest: Digest


class Narrowing(Asked):
    """What shall be taken away. What it would add is left out."""

    change: Change
    reason: Words = ""


class Previewed(Asked):
    """A change to look at."""

    change: Change


class Seen(Asked):
    """The content digest that was looked at; null signs or applies the content of now."""

    seen_digest: Digest | None = None


class Undone(Said):
    """The last change shall be undone; `baseRevision` is the revision that was seen."""

    base_revision: Number | None = None


class Comment(Asked):
    """Something about a request."""

    text: Words


class BadOutput(Asked):
    """A job, and what is wrong with its output or why it is not."""

    job: Annotated[str, Field(min_length=1, max_length=4096)]
    reason: Words


class ThresholdsWanted(Said):
    """A thresholds.v1 document; its `number` is the version that it was made over."""

    document: dict[str, Any]


class SpendingWanted(Said):
    """A budget.v1 or prices.v1 document."""

    document: dict[str, Any]


class ModeWanted(Said):
    """The mode that shall be in force."""

    mode: Literal["off", "shadow", "enforce"]


class AutoNarrowWanted(Because):
    """What a ROLL BACK shall do by itself."""

    auto_narrow: Literal["off", "kill", "last-approved", "critical-kill"]


class DrillWait(Asked):
    """For how many seconds the drill waits for telemetry."""

    wait_seconds: Annotated[int, Field(ge=1, le=900)] = 600


class Statement(Asked):
    """That an item holds: what shows it, what was looked at, and for how many days it stands."""

    link: Annotated[str, Field(min_length=1, max_length=2000)]
    text: Words
    days: Annotated[float, Field(gt=0, le=3650, allow_inf_nan=False)] | None = None


class Person(Said):
    """A person: `bob` is `local|bob`."""

    operator: Word


class PersonWithRoles(Person):
    """A person with all the roles that they shall have."""

    roles: Annotated[list[RoleName], Field(max_length=6)]


class TokenWanted(Person):
    """A token for a person."""

    scope: Literal["all", "kill", "read", "tasks", "logs"] = "all"
    days: Annotated[int, Field(ge=1, le=366)] = 90


class SessionsMeant(Asked):
    """A person, or at least twelve letters of the name of a session."""

    who: Word


class Replay(Because):
    """Records by their names, or all of a cause, or all: exactly one of them."""

    records: Annotated[list[Word], Field(max_length=10_000)] = []
    cause: Word | None = None
    all: bool = False


class Notes(Asked):
    """Signed checkpoints to check the chain against, and the public key that checks them."""

    checkpoints: Annotated[
        list[Annotated[str, Field(max_length=65_536)]], Field(min_length=1, max_length=100)
    ]
    key: Annotated[str, Field(max_length=4096)] | None = None


class Probes(Asked):
    """How many; null is as many as a verification asks for."""

    count: Annotated[int, Field(ge=1, le=1000)] | None = None


class Empty(Asked):
    """Nothing more is needed."""
