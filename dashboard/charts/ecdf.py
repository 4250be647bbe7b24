"""How long completed model calls took: for each time the share of calls that took no longer.

One stay, or two above each other: the first solid and blue, the second dashed and orange, so that they
are told apart without colour. Few calls are drawn as dots as well, because each is one step of the line.
"""

from dashboard.charts.grammar import DASHED, OPENAI, Spec

THIS, OTHER = OPENAI, "#D55E00"
_SIDES = ["this", "other"]
_COLOUR = {
    "field": "side",
    "type": "nominal",
    "legend": None,
    "scale": {"domain": _SIDES, "range": [THIS, OTHER]},
}
_TOOLTIP = [
    {"field": "stay", "type": "nominal", "title": "stay"},
    {"field": "share", "type": "quantitative", "title": "share of calls", "format": ".1%"},
    {"field": "seconds", "type": "quantitative", "title": "took at most, s", "format": ".3~f"},
    {"field": "calls", "type": "quantitative", "title": "of calls", "format": ",d"},
]
_X = {
    "field": "seconds",
    "type": "quantitative",
    "title": None,
    "scale": {"type": "log", "nice": False, "padding": 6},
    "axis": {
        "labelExpr": "datum.value < 1 ? format(datum.value * 1000, '~r') + ' ms' : "
        "format(datum.value, '~r') + ' s'",
        "tickCount": 8,
        "labelOverlap": "greedy",
        "domain": False,
    },
}
_Y = {
    "field": "share",
    "type": "quantitative",
    "title": None,
    "scale": {"domain": [0, 1]},
    "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 0.95, 1], "domain": False},
}

ECDF: Spec = {
    "height": 190,
    "width": "container",
    "padding": {"left": 0, "right": 8, "top": 4, "bottom": 0},
    "autosize": {"type": "fit", "contains": "padding"},
    "layer": [
        {
            "data": {"name": "curves"},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "aria": False},
            "encoding": {
                "x": _X,
                "y": _Y,
                "color": _COLOUR,
                "strokeDash": {
                    "field": "side",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": _SIDES, "range": [[1, 0], DASHED]},
                },
            },
        },
        {
            "data": {"name": "curves"},
            "transform": [{"filter": "datum.calls <= 60"}],
            "mark": {"type": "point", "filled": True, "size": 18, "opacity": 0.9, "aria": False},
            "encoding": {"x": _X, "y": _Y, "color": _COLOUR},
        },
        {
            # Wide and unseen: what the pointer finds.
            "data": {"name": "curves"},
            "mark": {"type": "point", "size": 140, "opacity": 0, "filled": True, "aria": False},
            "encoding": {"x": _X, "y": _Y, "tooltip": _TOOLTIP},
        },
    ],
    "usermeta": {"embedOptions": {"renderer": "svg"}},
}
