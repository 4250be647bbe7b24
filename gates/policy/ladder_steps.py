"""The ladder of percents, and the step that controls reach by a change (CONTRACTS section 7)."""

from gates.policy.diff import Delta, Dimension, Direction
from gates.policy.scope import ScopeDimension
from gates.policy.values import ControlValues
from schemas.stages import STAGE_OF, Stage, Step

PERCENT_OF: dict[Step, int] = {
    Step.CANARY_1: 1,
    Step.CANARY_5: 5,
    Step.EXPAND_10: 10,
    Step.EXPAND_25: 25,
    Step.EXPAND_50: 50,
    Step.EXPAND_100: 100,
}
BROADEN_OF: dict[Dimension, Step] = {
    Dimension(dimension.value): Step(f"broaden-{dimension.value}") for dimension in ScopeDimension
}


def next_percent(current: ControlValues) -> int | None:
    """The next percent up the ladder, or None at its end."""
    return next((p for p in sorted(PERCENT_OF.values()) if p > current.admits_below), None)


def may_broaden(current: ControlValues) -> bool:
    """Whether the scope may widen: from expand-50 on, until expand-100."""
    stage = STAGE_OF[current.step]
    return current.step is Step.EXPAND_50 or (stage is Stage.BROADEN and current.step is not Step.EXPAND_100)


def step_after(current: ControlValues, after: ControlValues, deltas: tuple[Delta, ...]) -> Step:
    """The step that `current` reaches by becoming `after`.

    A kill keeps the step and so does its release, except the one that ends the enable sequence.
    What admits nobody else is the baseline. A narrowed percent stands at the highest step that it
    does not exceed; a widened scope at the broaden step of its dimension.
    """
    moved = {delta.dimension: delta.direction for delta in deltas}
    if not after.feature or not after.allowlist_enabled or after.admits_below == 0:
        return Step.BASELINE
    if moved.get(Dimension.KILL) is Direction.WIDENS and current.step is Step.BASELINE:
        return _highest_within(after.admits_below)
    if Dimension.PERCENT in moved and current.step is not Step.BASELINE:
        return _highest_within(after.admits_below)
    for dimension, step in BROADEN_OF.items():
        if moved.get(dimension) is Direction.WIDENS and current.step is not Step.BASELINE:
            return step
    return current.step


def _highest_within(percent: int) -> Step:
    steps = [step for step, bound in PERCENT_OF.items() if bound <= percent]
    return steps[-1] if steps else Step.BASELINE
