"""A scope and a window as a condition of SQL. Values go in as parameters, never as text."""

from dataclasses import dataclass
from typing import assert_never

from dashboard.data.scope import Everything, InStage, InStep, Scope, Unattributed, Window

# The lines of a step are found by the step of their decision, which ingest wrote beside them.
NO_STEP = "step IS NULL"


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition on the table `telemetry` with its parameters in order."""

    condition: str
    parameters: tuple[object, ...]


def selection(scope: Scope, window: Window, now_ns: int) -> Selection:
    """The lines of `scope` in the newest `window` before `now_ns`; lines without a time are in no window."""
    condition, parameters = _of_scope(scope)
    if window.span_ns is None:
        return Selection(condition, parameters)
    return Selection(
        f"{condition} AND line_time_ns >= ? AND line_time_ns < ?",
        (*parameters, now_ns - window.span_ns, now_ns),
    )


def _of_scope(scope: Scope) -> tuple[str, tuple[object, ...]]:
    match scope:
        case Everything():
            return "true", ()
        case InStage(stage):
            return "stage = ?", (stage.value,)
        case InStep(step):
            return "step = ?", (step.value,)
        case Unattributed():
            return NO_STEP, ()
        case _:
            assert_never(scope)
