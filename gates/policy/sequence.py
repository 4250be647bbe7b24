"""The enable sequence (CONTRACTS section 7): from the baseline to canary-1, one step at a time."""

from enum import Enum

from gates.policy.diff import Delta, Dimension, Direction
from gates.policy.values import ControlValues
from schemas.stages import Step


class EnableStep(Enum):
    """The next step of the sequence, in words a person can follow."""

    KILL_ON = "1: switch the kill on"
    RESET = "begin anew: bring percent to 0 and switch the allowlist off"
    FEATURE_ON = "2: switch the feature on, with the kill on"
    ALLOWLIST_ON = "3: switch the allowlist on, with the smallest rule set"
    FIRST_PERCENT = "4: raise percent to 1"
    KILL_OFF = "6: verify the telemetry (5), then release the kill"


FIRST_CANARY_PERCENT = 1
# Where 0 means everyone, going back to 0 counts as a widening; it is the way to begin anew there too.
_DELTA_OF = {
    EnableStep.RESET: Dimension.PERCENT,
    EnableStep.FEATURE_ON: Dimension.FEATURE,
    EnableStep.ALLOWLIST_ON: Dimension.ALLOWLIST,
    EnableStep.FIRST_PERCENT: Dimension.PERCENT,
    EnableStep.KILL_OFF: Dimension.KILL,
}
_PERCENT_OF = {EnableStep.RESET: 0, EnableStep.FIRST_PERCENT: FIRST_CANARY_PERCENT}


def in_sequence(current: ControlValues) -> bool:
    """Whether the controls stand at the baseline, by name or by effect: only the sequence leads on."""
    return current.step is Step.BASELINE or current.admits_nobody


def next_enable_step(current: ControlValues) -> EnableStep:
    """The one step that the sequence allows from controls at the baseline."""
    if not current.kill:
        return EnableStep.KILL_ON
    if not current.feature:
        clean = current.percent == 0 and not current.allowlist_enabled
        return EnableStep.FEATURE_ON if clean else EnableStep.RESET
    if not current.allowlist_enabled:
        return EnableStep.ALLOWLIST_ON if current.percent == 0 else EnableStep.RESET
    if not is_smallest_scope(current) or current.percent not in (0, FIRST_CANARY_PERCENT):
        return EnableStep.RESET
    return EnableStep.FIRST_PERCENT if current.percent == 0 else EnableStep.KILL_OFF


def follows_sequence(current: ControlValues, after: ControlValues, deltas: tuple[Delta, ...]) -> bool:
    """Whether every widening in `deltas` is exactly the next step."""
    step = next_enable_step(current)
    if any(d.direction is Direction.WIDENS and d.dimension is not _DELTA_OF.get(step) for d in deltas):
        return False
    wanted = _PERCENT_OF.get(step)
    return wanted is None or after.percent == wanted


def is_smallest_scope(after: ControlValues) -> bool:
    """One enabled rule: one value in each dimension, one slot (an empty list is any), one job a run."""
    if len(after.rules) != 1:
        return False
    rule = after.rules[0]
    lists = (rule.subject, rule.level, rule.board, rule.spec_version, rule.kind, rule.slot_ids)
    return all(len(values) == 1 for values in lists) and rule.max_jobs == 1
