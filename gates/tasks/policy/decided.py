"""What the policy answers: a closed set of frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from gates.policy.outcome import Outcome


class TaskReason(StrEnum):
    """Stable: codes are appended, never renamed or reused. docs/reason-codes.md explains each."""

    ROLE = "E_ROLE"
    """The same as of any other change."""
    ROUTE_UNKNOWN = "E_ROUTE_UNKNOWN"
    ROUTE_NOT_ALLOWED = "E_ROUTE_NOT_ALLOWED"
    ACTION_TIER = "E_ACTION_TIER"
    TASK_PAYLOAD = "E_TASK_PAYLOAD"
    TASK_SPEC = "E_TASK_SPEC"
    TASK_EXISTS = "E_TASK_EXISTS"
    TASK_UNKNOWN = "E_TASK_UNKNOWN"
    TASK_TERMINAL = "E_TASK_TERMINAL"
    NOT_CLAIMANT = "E_NOT_CLAIMANT"
    LEASE_EXPIRED = "E_LEASE_EXPIRED"
    ARTIFACT_INVALID = "E_ARTIFACT_INVALID"
    ARTIFACT_KEPT = "E_ARTIFACT_KEPT"
    NO_RESULT = "E_NO_RESULT"


@dataclass(frozen=True, slots=True)
class TaskFinding:
    """One rule that the call breaks, and what is wrong in words. `always`: in every mode.

    `on_record`: the audit chain is to know of it.
    """

    code: TaskReason
    words: str
    always: bool
    on_record: bool


@dataclass(frozen=True, slots=True)
class Passed:
    """It may be done. Under `shadow` although `findings` may not be empty."""

    outcome: Outcome
    findings: tuple[TaskFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """Exactly this was done before: it is answered again, and nothing changes.

    `findings` may not be empty under `shadow`, as when it was done.
    """

    outcome: Outcome
    findings: tuple[TaskFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """It is not done, because of `finding`; `findings` are all that speak against it, in their order."""

    finding: TaskFinding
    findings: tuple[TaskFinding, ...]


TaskDecision = Passed | Repeated | Denied
