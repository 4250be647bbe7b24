"""One review laid out for the rules: the inputs, and what they amount to."""

from collections.abc import Callable
from dataclasses import dataclass

from gates.policy.diff import Delta, Dimension, Direction
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Change, DrillChange, DrillRun, Intent, Moment, ThresholdsChange
from gates.policy.outcome import ReasonCode
from gates.policy.spending_change import SpendingChange
from gates.policy.state import State

ALL = frozenset(Moment)
SIGNING = frozenset({Moment.APPROVE, Moment.APPLY})
APPLYING = frozenset({Moment.APPLY})


def made_over(change: Change, state: State) -> int:
    """What a change is made over now: the version of the thresholds or of the spending, else the revision.

    The way back of a drill is made over what its own kill took away.
    """
    match change:
        case ThresholdsChange():
            return state.thresholds_version
        case SpendingChange():
            return state.spending_version
        case DrillChange(run=DrillRun() as run) if run.kill_revision == state.revision:
            return run.base_revision
        case _:
            return state.revision


def moved_to(change: Change, state: State) -> str:
    """That it moved on, in words."""
    match change:
        case ThresholdsChange():
            what = "thresholds moved to version"
        case SpendingChange():
            what = "budget and prices moved to version"
        case _:
            what = "controls moved to revision"
    return f"the {what} {made_over(change, state)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`deltas` is empty for changes other than of the controls."""

    intent: Intent
    change: Change
    state: State
    evidence: ReviewEvidence
    now_ns: int
    deltas: tuple[Delta, ...]

    @property
    def evidences(self) -> tuple[ReviewEvidence, ...]:
        """What a change must stand on: the evidence of now, and that which was signed."""
        return (self.evidence,) if self.state.request is None else (self.evidence, self.state.request.signed)

    @property
    def widened(self) -> frozenset[Dimension]:
        """The dimensions in which the change lets more jobs through."""
        return frozenset(delta.dimension for delta in self.deltas if delta.direction is Direction.WIDENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`check` answers what is wrong, in words, or None. `always` rules hold in every enforcement mode."""

    code: ReasonCode
    source: str
    moments: frozenset[Moment]
    check: Callable[[Case], str | None]
    always: bool = False
