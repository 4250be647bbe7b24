"""How long runs took: percentiles where a bin has points enough for them, else the points themselves.

openai solid, stub dashed; p50 thick, p95 thin, p99 thinner still. The axis is logarithmic, because a
stub takes milliseconds and a model seconds.
"""

from dashboard.charts.grammar import (
    DASHED,
    OPENAI,
    STUB,
    WITH_TIMES,
    Spec,
    bin_tooltip,
    control_changes,
    over_time,
    y_axis,
)

_COLOUR = {
    "field": "path",
    "type": "nominal",
    "legend": None,
    "scale": {"domain": ["openai", "stub"], "range": [OPENAI, STUB]},
}
_DASH = {
    "field": "path",
    "type": "nominal",
    "legend": None,
    "scale": {"domain": ["openai", "stub"], "range": [[1, 0], DASHED]},
}
SHORTEST = 0.001
DECADES_AND_THIRDS = [SHORTEST, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]
_SECONDS = (
    f"datum.value <= {SHORTEST} ? '≤ 1 ms' : datum.value < 1 ? "
    "format(datum.value * 1000, '~r') + ' ms' : format(datum.value, '~r') + ' s'"
)
_TOOLTIP = bin_tooltip(
    ("path", "path", None),
    ("runs", "runs", ",d"),
    ("p50", "p50 s", ".3~f"),
    ("p95", "p95 s", ".3~f"),
    ("p99", "p99 s", ".3~f"),
)


def _drawn(*fields: str) -> list[Spec]:
    """Where `fields` are drawn: a run of 0 ms has no place on a logarithmic axis but its lowest."""
    return [
        {"calculate": f"isValid(datum.{name}) ? max(datum.{name}, {SHORTEST}) : null", "as": f"{name}_drawn"}
        for name in fields
    ]


def _y(field: str) -> Spec:
    return {
        "field": f"{field}_drawn",
        **y_axis(labelExpr=_SECONDS, values=DECADES_AND_THIRDS, labelOverlap="greedy", tickCount=15),
        "scale": {"type": "log", "nice": False, "padding": 8},
    }


def _percentile(field: str, size: float, opacity: float) -> Spec:
    return {
        "data": {"name": "percentiles"},
        "transform": _drawn(field),
        "mark": {
            "type": "line",
            "strokeWidth": size,
            "interpolate": "linear",
            "opacity": opacity,
            "invalid": "break-paths-show-domains",
        },
        "encoding": {
            "x": {"field": "middle", "type": "temporal"},
            "y": _y(field),
            "color": _COLOUR,
            "strokeDash": _DASH,
        },
    }


LATENCY: Spec = over_time(
    [
        _percentile("p50", 2.2, 1),
        _percentile("p95", 1.3, 0.85),
        _percentile("p99", 0.9, 0.75),
        {
            # A lone bin between two gaps has no line: its dot shows it.
            "data": {"name": "percentiles"},
            "transform": _drawn("p50"),
            "mark": {"type": "point", "filled": True, "size": 16, "invalid": "filter"},
            "encoding": {
                "x": {"field": "middle", "type": "temporal"},
                "y": _y("p50"),
                "color": _COLOUR,
                "tooltip": _TOOLTIP,
            },
        },
        {
            "data": {"name": "points"},
            "transform": _drawn("seconds"),
            "mark": {"type": "point", "filled": False, "strokeWidth": 1.2},
            "encoding": {
                "y": _y("seconds"),
                "color": _COLOUR,
                "shape": {"condition": {"test": "datum.failed", "value": "cross"}, "value": "circle"},
                "size": {"condition": {"test": "datum.failed", "value": 34}, "value": 18},
                "tooltip": bin_tooltip(
                    ("path", "path", None), ("status", "status", None), ("seconds", "seconds", ".3~f")
                ),
            },
        },
        control_changes(),
    ],
    height=140,
    x_labels=WITH_TIMES,
)
