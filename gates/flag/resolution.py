"""The decision in OpenFeature's words: value, variant, reason, metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from gates.decision import Admitted, CompiledControls, Decision, Denied, Gate, as_record, decide
from gates.flag.context import Unusable, asked_by
from schemas.codes import Path

KEY = "slotgen_ai"
"""The flag: whether the model may be called for a job."""

Metadata = Mapping[str, bool | int | str]

_OF_RECORD = ("gate", "errorCode", "ruleId", "bucket", "percent", "revision", "origin", "breakGlass")


class Reason(StrEnum):
    """Why a value came out, of the reasons that OFREP allows in an answer."""

    TARGETING_MATCH = "TARGETING_MATCH"
    """What the job is decided: opt-in, allowlist, or everything permitted at 100 %."""
    SPLIT = "SPLIT"
    """The bucket of the jobId decided."""
    DISABLED = "DISABLED"
    """The kill switch or the feature flag."""
    UNKNOWN = "UNKNOWN"
    """The controls are not known; that denies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer for one job. `variant` is the path that the job takes.

    `metadata` has what `slotgate decide` prints, without what is null; `why` in words, `environment` and
    `step` of the controls, and `notKnown`: the facts that the context does not say.
    """

    value: bool
    variant: Path
    reason: Reason
    metadata: Metadata


def resolve(controls: CompiledControls, context: object) -> Resolution | Unusable:
    """Decide the job of `context` under `controls`. Never raises."""
    asked = asked_by(context)
    if isinstance(asked, Unusable):
        return asked
    decision = decide(controls, asked.job)
    record = as_record(decision)
    said = {name: record[name] for name in _OF_RECORD}
    said |= {"why": record["reason"], "environment": controls.environment, "step": controls.step}
    said["notKnown"] = ", ".join(asked.not_known) or None
    return Resolution(
        value=isinstance(decision, Admitted),
        variant=record["path"],
        reason=_reason(decision),
        metadata={name: value for name, value in said.items() if value is not None},
    )


def _reason(decision: Decision) -> Reason:
    match decision:
        case Admitted():
            # Percent 0 admits only where it means everyone.
            return Reason.TARGETING_MATCH if decision.percent in (0, 100) else Reason.SPLIT
        case Denied():
            return _denied_by(decision.gate)
        case _:
            assert_never(decision)


def _denied_by(gate: Gate) -> Reason:
    match gate:
        case Gate.CONTROLS:
            return Reason.UNKNOWN
        case Gate.KILL_SWITCH | Gate.FEATURE_FLAG:
            return Reason.DISABLED
        case Gate.JOB_OPT_IN | Gate.ALLOWLIST:
            return Reason.TARGETING_MATCH
        case Gate.ROLLOUT:
            return Reason.SPLIT
        case _:
            assert_never(gate)
