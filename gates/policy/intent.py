"""An intent: one normalised request to change something, made by a known person at one moment."""

from dataclasses import dataclass
from enum import StrEnum

from gates.policy.spending_change import SpendingChange
from gates.policy.values import ControlValues


class Role(StrEnum):
    """What a person may do (CONTRACTS section 8)."""

    VIEWER = "viewer"
    ONCALL = "oncall"
    ENGINEERING_OWNER = "engineering_owner"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Mode(StrEnum):
    """How far the boundary enforces (CONTRACTS section 8)."""

    OFF = "off"
    SHADOW = "shadow"
    ENFORCE = "enforce"


class Moment(StrEnum):
    """Where in its life a change is being reviewed."""

    PROPOSE = "propose"
    APPROVE = "approve"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: issuer and subject as one text (`local|alice`), never a typed name."""

    actor_id: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsChange:
    """The controls shall become `after`.

    `broadening_not_needed` is the signed reason to go to 100 % without broadening the scope;
    `break_glass` asks for the emergency release of the kill switch.
    """

    after: ControlValues
    broadening_not_needed: str | None = None
    break_glass: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChange:
    """The enforcement mode shall become `mode`; `checks_passed` are the acceptance checks of a promotion."""

    mode: Mode
    checks_passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChange:
    """An operator is added, or gets roles or a token. `grants` is false where it only takes away.

    `leaves_no_admin`: they are the last who can act as admin, and could no more after it.
    """

    operator_id: str
    roles: frozenset[Role]
    grants: bool
    leaves_no_admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdsChange:
    """The thresholds of the verdict shall become others.

    `loosens` names what they ask less of than those in force, in words; `same`: they ask for the same.
    """

    loosens: tuple[str, ...]
    same: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The ROLL BACK that stands shall stand no more: a person knows its cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRun:
    """A drill under way: the revision it left, that of its kill, and when the kill took effect.

    `confirmed`: telemetry confirmed the kill.
    """

    base_revision: int
    kill_revision: int
    killed_at_ns: int
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillChange:
    """The kill shall be engaged, and exactly `restores` come back when telemetry has confirmed it.

    `run` is null until the kill is engaged; with it, the way back is what is asked for.
    """

    restores: ControlValues
    run: DrillRun | None = None


Change = (
    ControlsChange
    | ModeChange
    | OperatorChange
    | ThresholdsChange
    | SpendingChange
    | Acknowledgement
    | DrillChange
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """`base_revision` is the revision the author saw, of thresholds and of spending their version;
    `decision_record` a link or an id.

    `content_digest` is computed from this very change, so that a request approved for another
    cannot carry it.
    """

    intent_id: str
    at_ns: int
    actor: Actor
    moment: Moment
    change: Change
    base_revision: int
    reason: str
    decision_record: str
    content_digest: str
