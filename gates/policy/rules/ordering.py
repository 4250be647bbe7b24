"""Rules of order: the enable sequence, the ladder, one dimension a change, frozen scope and percent."""

from gates.policy.diff import Dimension, Direction
from gates.policy.intent import ControlsChange
from gates.policy.ladder_steps import (
    BROADEN_AT,
    BROADEN_OF,
    may_broaden,
    names_its_step,
    next_percent,
    step_after,
)
from gates.policy.rules.case import Case
from gates.policy.sequence import follows_sequence, in_sequence, is_smallest_scope, next_enable_step
from gates.policy.values import ENDLESS
from schemas.stages import STAGE_OF, Stage, Step


def one_dimension(case: Case) -> str | None:
    """Percent, or one allowlist dimension, or one switch: never two."""
    moved = {d.dimension for d in case.deltas if d.direction is not Direction.NEUTRAL}
    if len(moved) < 2:
        return None
    return f"the change moves {', '.join(sorted(moved))} at once; propose them one at a time"


def enable_order(case: Case) -> str | None:
    """From the baseline only the next step of the sequence; until the kill is released, only that."""
    current, change = case.state.current, case.change
    if not isinstance(change, ControlsChange):
        return None
    if in_sequence(current):
        if follows_sequence(current, change.after, case.deltas):
            return None
        return f"the enable sequence is strict; the next step is {next_enable_step(current).value}"
    if current.released_until_ns != ENDLESS and case.widened - {Dimension.KILL}:
        return "the kill is on, or released for a limited time; release it before anything else widens"
    return None


def smallest_scope(case: Case) -> str | None:
    """The allowlist comes on with the smallest rule set."""
    change = case.change
    if not isinstance(change, ControlsChange) or Dimension.ALLOWLIST not in case.widened:
        return None
    if is_smallest_scope(change.after):
        return None
    return "begin with one enabled rule: one value in each dimension, at most one slot, one job a run"


def step_skipped(case: Case) -> str | None:
    """Percent climbs the ladder without skipping."""
    change, current = case.change, case.state.current
    if (
        not isinstance(change, ControlsChange)
        or in_sequence(current)
        or Dimension.PERCENT not in case.widened
    ):
        return None
    wanted = next_percent(current)
    return None if change.after.admits_below == wanted else f"the next percent on the ladder is {wanted}"


def step_name(case: Case) -> str | None:
    """A change names the step that it reaches, never another one."""
    change, current = case.change, case.state.current
    if not isinstance(change, ControlsChange) or names_its_step(current, change.after, case.deltas):
        return None
    reached = step_after(current, change.after, case.deltas)
    return f"these controls would stand at {reached}, not at {change.after.step}; name that step"


def scope_frozen(case: Case) -> str | None:
    """The scope stays as it was until expand-50 stands."""
    if (
        in_sequence(case.state.current)
        or not case.widened & BROADEN_OF.keys()
        or may_broaden(case.state.current)
    ):
        return None
    return (
        f"the scope is frozen at {case.state.current.step}; it may widen from expand-50 on, before expand-100"
    )


def percent_frozen(case: Case) -> str | None:
    """In stage 3 percent stays as it was until it goes to 100."""
    change, current = case.change, case.state.current
    if not isinstance(change, ControlsChange) or Dimension.PERCENT not in case.widened:
        return None
    broadening = STAGE_OF[current.step] is Stage.BROADEN and current.admits_below >= BROADEN_AT
    if not broadening or change.after.admits_below == 100:
        return None
    return "percent is frozen while the scope is broadened; the next percent is 100"


def broaden_first(case: Case) -> str | None:
    """expand-100 needs at least one broadening, or the signed statement that none is needed."""
    change = case.change
    if not isinstance(change, ControlsChange) or Dimension.PERCENT not in case.widened:
        return None
    if change.after.admits_below != 100 or case.state.current.step is Step.BASELINE:
        return None
    if case.state.broadened or (change.broadening_not_needed or "").strip():
        return None
    return "broaden the scope first, or state in the request why no broadening is needed"


def steady_criteria(case: Case) -> str | None:
    """`steady` comes after expand-100, with the beta criteria met and signed off."""
    change, current = case.change, case.state.current
    if (
        not isinstance(change, ControlsChange)
        or change.after.step is not Step.STEADY
        or current.step is Step.STEADY
    ):
        return None
    if current.step is not Step.EXPAND_100 or current.admits_below != 100:
        return f"steady follows expand-100; the rollout stands at {current.step}, {current.percent} %"
    if all(evidence.beta_criteria_met for evidence in case.evidences):
        return None
    return "the beta criteria are not all met and signed; `slotgate beta` tells what is missing"
