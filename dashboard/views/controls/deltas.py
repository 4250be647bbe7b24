"""Differences between controls as a list: ▲ WIDENS, ▼ NARROWS, ● NEUTRAL, in words that can be signed."""

from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from gates.policy.delta import Delta, Direction

SIGNS = {
    Direction.WIDENS: ("▲", "sg-failed"),
    Direction.NARROWS: ("▼", "sg-ok"),
    Direction.NEUTRAL: ("●", "sg-soft"),
}


def delta_list(deltas: tuple[Delta, ...], empty: str = "It lets neither more nor fewer jobs through.") -> str:
    """One line a difference."""
    if not deltas:
        return tag("p", text(empty), cls="sg-note")
    return tag("ul", *map(_line, deltas), cls="sg-deltas", role="list")


def _line(delta: Delta) -> str:
    sign, cls = SIGNS[delta.direction]
    return tag(
        "li",
        glyph(sign, cls),
        tag("b", text(delta.direction.value)),
        " ",
        prose(delta.words),
        data_direction=delta.direction.value,
        data_dimension=delta.dimension.value,
    )
