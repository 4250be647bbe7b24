"""What every chart over time has in common: one axis, one palette, one way to mark a control change.

Each specification names its data sets and leaves them out; a page adds them. Because the
specification itself never changes, the browser updates a chart in place instead of drawing it anew.
The data set `span` holds the first and last moment of the axis, so that charts above each other
share it to the pixel; times are drawn in the reader's zone.
"""

from typing import Any

Spec = dict[str, Any]

OPENAI = "#0072B2"
STUB = "#6B7280"
FAILED = "#D55E00"
CHANGE = "#94770A"
KILL = "#A83D8E"
DASHED = [4, 3]
# Width of the y axis with its labels: the same in each chart, so that the x axes line up.
Y_EXTENT = 44
RULE_SIZE = 1.25


def over_time(layers: list[Spec], height: int, *, x_labels: Spec | None = None) -> Spec:
    """A chart of `layers` on the shared axis; only the lowest one writes the times."""
    axis = {
        "title": None,
        "labels": False,
        "ticks": False,
        "domain": False,
        "tickCount": {"expr": "width / 110"},
    }
    return {
        "height": height,
        "width": "container",
        "padding": {"left": 0, "right": 8, "top": 4, "bottom": 0},
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": [_span(), *map(_unspoken, layers)],
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"nice": False, "padding": 0},
                "axis": {**axis, **(x_labels or {})},
            }
        },
        "resolve": {"scale": {"color": "independent"}},
        # Never a canvas: the style sheet and screen readers need the elements.
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }


_CLOCK = "seconds(datum.value) ? '%H:%M:%S' : '%H:%M'"
_MIDNIGHT = "hours(datum.value) === 0 && minutes(datum.value) === 0 && seconds(datum.value) === 0"
WITH_TIMES: Spec = {
    "labels": True,
    "ticks": True,
    "labelOverlap": True,
    "labelFlush": True,
    "labelExpr": f"timeFormat(datum.value, {_MIDNIGHT} ? '%a %d %b' : {_CLOCK})",
}


def y_axis(**more: Any) -> Spec:
    """A quantity with few ticks; what it is stands above the chart."""
    return {
        "type": "quantitative",
        "title": None,
        "axis": {"minExtent": Y_EXTENT, "maxExtent": Y_EXTENT, "tickCount": 3, "domain": False, **more},
    }


def stacked(data: str, colour: Spec, tooltip: list[Spec], **axis: Any) -> Spec:
    """Bars from `base` to `top`, one bin wide; the data comes stacked."""
    return {
        "data": {"name": data},
        "mark": {"type": "rect"},
        "encoding": {
            "x2": {"field": "until"},
            "y": {"field": "base", **y_axis(**axis)},
            "y2": {"field": "top"},
            "color": {"type": "nominal", "legend": None, **colour},
            "tooltip": tooltip,
        },
    }


def control_changes() -> Spec:
    """A vertical rule at every change of the controls; a kill is drawn solid, the rest dotted."""
    return {
        "data": {"name": "changes"},
        "mark": {"type": "rule", "size": RULE_SIZE},
        "encoding": {
            "color": {
                "condition": {"test": "datum.kills", "value": KILL},
                "value": CHANGE,
            },
            "strokeDash": {"condition": {"test": "datum.kills", "value": [1, 0]}, "value": [2, 3]},
            "opacity": {"value": 0.75},
            "tooltip": change_tooltip(),
        },
    }


def change_tooltip() -> list[Spec]:
    """What a control change says when pointed at."""
    return [
        {"field": "label", "type": "nominal", "title": "change"},
        {"field": "at", "type": "temporal", "title": "at", "format": "%a %d %b %H:%M:%S"},
        {"field": "utc", "type": "nominal", "title": "UTC"},
    ]


def bin_tooltip(*fields: tuple[str, str, str | None]) -> list[Spec]:
    """When a bin begins, then `fields` as (name, title, number format)."""
    return [
        {"field": "at", "type": "temporal", "title": "from", "format": "%a %d %b %H:%M:%S"},
        {"field": "utc", "type": "nominal", "title": "UTC"},
        *(
            {"field": name, "type": "quantitative", "title": title, "format": number}
            if number
            else {"field": name, "type": "nominal", "title": title}
            for name, title, number in fields
        ),
    ]


def _unspoken(layer: Spec) -> Spec:
    """Without a name for each mark: the chart as a whole has one, and its data opens as tables."""
    mark = layer["mark"] if isinstance(layer["mark"], dict) else {"type": layer["mark"]}
    return {**layer, "mark": {**mark, "aria": False}}


def _span() -> Spec:
    return {
        "data": {"name": "span"},
        "mark": {"type": "point", "size": 0, "opacity": 0, "tooltip": None, "aria": False},
    }
