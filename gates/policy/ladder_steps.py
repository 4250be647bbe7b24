"""The ladder of percents, and the step that controls reach by a change (CONTRACTS section 7)."""

from gates.policy.diff import Delta, Dimension, Direction, widens
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
BROADEN_AT = PERCENT_OF[Step.EXPAND_50]
BROADEN_OF: dict[Dimension, Step] = {
    Dimension(dimension.value): Step(f"broaden-{dimension.value}") for dimension in ScopeDimension
}


_UNREACHABLE = 101
# The percent from which on a step's name may stand; nothing published stands off the ladder.
_LEAST_PERCENT: dict[Step, int] = (
    {Step.BASELINE: 0, Step.STEADY: 100, Step.OFF_LADDER: _UNREACHABLE}
    | dict.fromkeys(BROADEN_OF.values(), BROADEN_AT)
    | PERCENT_OF
)


def next_percent(current: ControlValues) -> int | None:
    """The next percent up the ladder, or None at its end."""
    return next((p for p in sorted(PERCENT_OF.values()) if p > current.admits_below), None)


def may_broaden(current: ControlValues) -> bool:
    """Whether the scope may widen: from expand-50 on, until expand-100, with percent at 50."""
    broadening = STAGE_OF[current.step] is Stage.BROADEN and current.step is not Step.EXPAND_100
    return (broadening or current.step is Step.EXPAND_50) and current.admits_below == BROADEN_AT


def step_after(current: ControlValues, after: ControlValues, deltas: tuple[Delta, ...]) -> Step:
    """The step that `current` reaches by becoming `after`.

    A kill keeps the step and so does its release, except the one that ends the enable sequence.
    What admits nobody else is the baseline. A changed percent stands at the highest step that it
    does not fall short of, and so does a step that claims more than the percent; a scope widened
    where that is due, at the broaden step of its dimension.
    """
    widened = {delta.dimension for delta in deltas if delta.direction is Direction.WIDENS}
    moved = {delta.dimension for delta in deltas if delta.direction is not Direction.NEUTRAL}
    if after.admits_nobody:
        return Step.BASELINE
    if current.step is Step.BASELINE:
        return _highest_within(after.admits_below) if Dimension.KILL in widened else Step.BASELINE
    if Dimension.PERCENT in moved or after.admits_below < _LEAST_PERCENT[current.step]:
        return _highest_within(after.admits_below)
    broadened = (step for dimension, step in BROADEN_OF.items() if dimension in widened)
    return next(broadened, current.step) if may_broaden(current) else current.step


def names_its_step(current: ControlValues, after: ControlValues, deltas: tuple[Delta, ...]) -> bool:
    """Whether `after` names a step that it may name.

    That is the step it reaches; what widens nothing may keep the one it had, and `steady` may be
    named by a change of nothing else.
    """
    if after.step is step_after(current, after, deltas):
        return True
    if after.step is Step.STEADY and all(delta.dimension is Dimension.STEP for delta in deltas):
        return True
    return after.step is current.step and not widens(deltas)


def _highest_within(percent: int) -> Step:
    steps = [step for step, bound in PERCENT_OF.items() if bound <= percent]
    return steps[-1] if steps else Step.BASELINE
