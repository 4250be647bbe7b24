"""The decision: a closed set of two frozen values, each carrying its reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from schemas.codes import ErrorCode, Path, Status


class Gate(StrEnum):
    """The gates in their authoritative order; `CONTROLS` speaks when the controls are not known."""

    CONTROLS = "controls"
    KILL_SWITCH = "kill_switch"
    FEATURE_FLAG = "feature_flag"
    JOB_OPT_IN = "job_opt_in"
    ALLOWLIST = "allowlist"
    ROLLOUT = "rollout"


# What the telemetry line says when a gate denies (CONTRACTS section 6).
ERROR_CODE: dict[Gate, ErrorCode | None] = {
    Gate.CONTROLS: ErrorCode.KILL_SWITCH,
    Gate.KILL_SWITCH: ErrorCode.KILL_SWITCH,
    Gate.FEATURE_FLAG: None,
    Gate.JOB_OPT_IN: ErrorCode.NOT_ALLOWLISTED,
    Gate.ALLOWLIST: ErrorCode.NOT_ALLOWLISTED,
    Gate.ROLLOUT: ErrorCode.ROLLOUT_EXCLUDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What every decision names: the job, its bucket, and the controls it was taken under.

    `rule_id` is the allowlist rule that permits the job, null where that gate was not passed.
    `percent` is null where the controls are not known; `revision` also in environment mode.
    """

    job_id: str
    bucket: int
    percent: int | None
    revision: int | None
    origin: str
    break_glass: bool
    rule_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted(_Basis):
    """All gates passed: the model may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied(_Basis):
    """A gate denied: the job gets the stub. `reason` says why, in words."""

    gate: Gate
    reason: str

    @property
    def error_code(self) -> ErrorCode | None:
        """The errorCode of the telemetry line."""
        return ERROR_CODE[self.gate]


Decision = Admitted | Denied


def as_record(decision: Decision) -> dict[str, Any]:
    """The decision as `slotgate decide` prints it.

    `status` is null for an admitted job: whether it ends COMPLETED or FAILED is not known yet.
    """
    path: Path
    status: Status | None
    gate: Gate | None
    match decision:
        case Denied():
            path, status, error_code = Path.STUB, Status.STUB, decision.error_code
            gate, reason = decision.gate, decision.reason
        case Admitted():
            path, status, error_code = Path.OPENAI, None, None
            gate, reason = None, "all gates passed"
        case _:
            assert_never(decision)
    return {
        "jobId": decision.job_id,
        "path": path,
        "status": status,
        "errorCode": error_code,
        "gate": gate,
        "ruleId": decision.rule_id,
        "bucket": decision.bucket,
        "percent": decision.percent,
        "revision": decision.revision,
        "origin": decision.origin,
        "breakGlass": decision.break_glass,
        "reason": reason,
    }
