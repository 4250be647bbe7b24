"""The enable sequence (CONTRACTS section 7): from the baseline to canary-1, one step at a time."""

from enum import Enum

from gates.policy.diff import Delta, Dimension, Direction
from gates.policy.values import ControlValues
from schemas.stages import Step


class EnableStep(Enum):
    """The next step of the sequence, in words a person can follow."""

    KILL_ON = "1: switch the kill on"
    RESET = "2: bring percent to 0 and the allowlist to off first, both are narrowings"
    FEATURE_ON = "2: switch the feature on, with the kill on"
    ALLOWLIST_ON = "3: switch the allowlist on, with the smallest rule set"
    FIRST_PERCENT = "4: raise percent to 1"
    KILL_OFF = "6: verify the telemetry (5), then release the kill"


FIRST_CANARY_PERCENT = 1
_DELTA_OF = {
    EnableStep.FEATURE_ON: Dimension.FEATURE,
    EnableStep.ALLOWLIST_ON: Dimension.ALLOWLIST,
    EnableStep.FIRST_PERCENT: Dimension.PERCENT,
    EnableStep.KILL_OFF: Dimension.KILL,
}


def in_sequence(current: ControlValues) -> bool:
    """Whether the controls stand at the baseline, where only the sequence leads on."""
    return current.step is Step.BASELINE


def next_enable_step(current: ControlValues) -> EnableStep:
    """The one step that the sequence allows from controls at the baseline."""
    if not current.kill:
        return EnableStep.KILL_ON
    if not current.feature:
        clean = current.percent == 0 and not current.allowlist_enabled
        return EnableStep.FEATURE_ON if clean else EnableStep.RESET
    if not current.allowlist_enabled:
        return EnableStep.ALLOWLIST_ON if current.percent == 0 else EnableStep.RESET
    return EnableStep.FIRST_PERCENT if current.percent == 0 else EnableStep.KILL_OFF


def follows_sequence(current: ControlValues, after: ControlValues, deltas: tuple[Delta, ...]) -> bool:
    """Whether every widening in `deltas` is exactly the next step."""
    step = next_enable_step(current)
    if any(d.direction is Direction.WIDENS and d.dimension is not _DELTA_OF.get(step) for d in deltas):
        return False
    return step is not EnableStep.FIRST_PERCENT or after.percent == FIRST_CANARY_PERCENT


def is_smallest_scope(after: ControlValues) -> bool:
    """One enabled rule that lists one value in each dimension and allows one job a run."""
    if len(after.rules) != 1:
        return False
    rule = after.rules[0]
    lists = (rule.subject, rule.level, rule.board, rule.spec_version, rule.kind)
    return all(len(values) == 1 for values in lists) and len(rule.slot_ids) <= 1 and rule.max_jobs == 1
