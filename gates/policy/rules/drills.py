"""Rules of a drill: what may be drilled, and when exactly what was taken away may come back."""

from dataclasses import replace

from gates.policy.intent import DrillChange, DrillRun
from gates.policy.rules.case import Case
from gates.policy.sequence import in_sequence
from gates.policy.values import ENDLESS, ControlValues
from schemas.instant import SECOND

RESTORED_WITHIN_NS = 15 * 60 * SECOND


def drill(case: Case) -> str | None:
    """A kill is drilled where none is on; the way back needs it confirmed, fresh, and nobody else's hand."""
    change = case.change
    if not isinstance(change, DrillChange):
        return None
    if change.run is None:
        return _beginning(case.state.current)
    return _ending(case, change, change.run)


def _beginning(current: ControlValues) -> str | None:
    if current.kill:
        return "the kill is on: a drill would stop nothing"
    if in_sequence(current):
        return "no rollout is under way that could be stopped; drill from canary-1 on"
    if current.released_until_ns != ENDLESS:
        return "the kill is released for a limited time only; drill when it is off for good"
    return None


def _ending(case: Case, change: DrillChange, run: DrillRun) -> str | None:
    killed = replace(change.restores, kill=True, break_glass_until_ns=None)
    if case.state.revision != run.kill_revision or case.state.current != killed:
        return "the controls are not those that the drill left; the kill stays on"
    if not run.confirmed:
        return "telemetry did not confirm the kill; it stays on"
    if not 0 <= case.now_ns - run.killed_at_ns <= RESTORED_WITHIN_NS:
        return "15 minutes have passed since the kill; it stays on"
    return None
