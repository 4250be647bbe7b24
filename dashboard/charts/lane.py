"""Where the rollout stood: one bar an interval of the controls, with the changes named above it.

The colours of its words depend on light or dark, so the style sheet sets them, by the layers' names.
"""

from dashboard.charts.grammar import CHANGE, KILL, OPENAI, STUB, Spec, change_tooltip, over_time, y_axis

_LANE = {"name": "lane"}
_CHANGES = {"name": "changes"}
_BAR_MIDDLE = 32
# No scale to read here, but the same room for it as in the charts below.
_NO_SCALE = {
    **y_axis(labels=False, ticks=False, grid=False),
    "scale": {"domain": [0, 1], "range": [_BAR_MIDDLE, 0]},
}
_TOOLTIP = [
    {"field": "name", "type": "nominal", "title": "step"},
    {"field": "detail", "type": "nominal", "title": "controls"},
    {"field": "at", "type": "temporal", "title": "from", "format": "%a %d %b %H:%M:%S"},
    {"field": "utc", "type": "nominal", "title": "UTC"},
]
STRONG = 0.6


def _words(
    name: str, data: Spec, text: str, room: str, y: float, *, size: int, weight: int, where: str = "true"
) -> Spec:
    """Text that is left out where it does not fit: about 0.55 em a letter, `room` in parts of the width."""
    fits = f"({where}) && {room} * width > {0.56 * size:.1f} * length({text}) + 7 ? {text} : ''"
    return {
        "name": name,
        "data": data,
        "transform": [{"calculate": fits, "as": "fitting"}],
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": size, "fontWeight": weight},
        "encoding": {"y": {"value": y}, "text": {"field": "fitting", "type": "nominal"}},
    }  # fmt: skip


LANE: Spec = over_time(
    [
        {
            "data": _LANE,
            "mark": {"type": "bar", "height": 20, "cornerRadius": 2},
            "encoding": {
                "x2": {"field": "until"},
                "y": {"datum": 0, **_NO_SCALE},
                "color": {
                    "field": "state",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": ["killed", "stub only", "live"], "range": [KILL, STUB, OPENAI]},
                },
                "fillOpacity": {"field": "strength", "type": "quantitative", "scale": None, "legend": None},
                "tooltip": _TOOLTIP,
            },
        },
        {
            "data": _CHANGES,
            "mark": {"type": "rule", "size": 1.25},
            "encoding": {
                "y": {"value": 12},
                "y2": {"value": 44},
                "color": {"condition": {"test": "datum.kills", "value": KILL}, "value": CHANGE},
                "tooltip": change_tooltip(),
            },
        },
        _words("lane_strong", _LANE, "datum.name", "datum.share", _BAR_MIDDLE - 1, size=11, weight=600,
               where=f"datum.strength > {STRONG}"),
        _words("lane_weak", _LANE, "datum.name", "datum.share", _BAR_MIDDLE - 1, size=11, weight=600,
               where=f"datum.strength <= {STRONG}"),
        _words("lane_changes", _CHANGES, "datum.label", "datum.room", 6, size=10, weight=400),
    ],
    height=44,
)  # fmt: skip
