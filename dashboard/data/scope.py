"""Which lines a page looks at: a part of the ladder, and a span of time.

Both have one spelling that stands in the address bar, so that a link shows the same view again.
"""

from dataclasses import dataclass
from typing import assert_never

from schemas.stages import STAGE_OF, Stage, Step

MINUTE_NS = 60 * 10**9
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True, slots=True)
class Everything:
    """All lines, also those that belong to no step."""


@dataclass(frozen=True, slots=True)
class InStage:
    """The lines of every step of one stage."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class InStep:
    """The lines of one step, over all its intervals."""

    step: Step


@dataclass(frozen=True, slots=True)
class Unattributed:
    """The lines that belong to no step: no time, or a time before the first known controls."""


Scope = Everything | InStage | InStep | Unattributed


@dataclass(frozen=True, slots=True)
class Window:
    """The newest part of the record; `span_ns` null is all of it."""

    name: str
    label: str
    span_ns: int | None


WINDOWS = (
    Window("15m", "15 min", 15 * MINUTE_NS),
    Window("1h", "1 h", HOUR_NS),
    Window("6h", "6 h", 6 * HOUR_NS),
    Window("24h", "24 h", DAY_NS),
    Window("7d", "7 d", 7 * DAY_NS),
    Window("30d", "30 d", 30 * DAY_NS),
    Window("all", "All", None),
)
ALL_TIME = WINDOWS[-1]


def scopes() -> list[Scope]:
    """Every scope, in the order of the ladder."""
    listed: list[Scope] = [Everything()]
    for stage in Stage:
        steps = [step for step in Step if STAGE_OF[step] is stage]
        listed.append(InStage(stage))
        if len(steps) > 1:
            listed.extend(InStep(step) for step in steps)
    return [*listed, InStep(Step.OFF_LADDER), Unattributed()]


def spelling(scope: Scope) -> str:
    """How `scope` stands in the address bar."""
    match scope:
        case Everything():
            return "all"
        case InStage(stage):
            return f"stage-{stage.value}"
        case InStep(step):
            return step.value
        case Unattributed():
            return "unattributed"
        case _:
            assert_never(scope)


def title(scope: Scope) -> str:
    """`scope` in words, for a picker."""
    match scope:
        case Everything():
            return "All stages"
        case InStage(stage):
            return f"Stage {stage.value} · {stage.name.lower()}"
        case InStep(step):
            stage_of = STAGE_OF[step]
            return f"Off the ladder · {step.value}" if stage_of is None else f"Step · {step.value}"
        case Unattributed():
            return "Unattributed (no step)"
        case _:
            assert_never(scope)


SCOPES: dict[str, Scope] = {spelling(scope): scope for scope in scopes()}
WINDOW_BY_NAME: dict[str, Window] = {window.name: window for window in WINDOWS}
