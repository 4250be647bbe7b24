"""Failed model calls per bin, by errorCode: a bar for how many, a cross so that one is not missed."""

from dashboard.charts.grammar import FAILED, Spec, bin_tooltip, control_changes, over_time, stacked

# Okabe and Ito's warm half; a code we do not know gets the last one, and its name in the tooltip.
CODES = {
    "OPENAI_HTTP_ERROR": "#D55E00",
    "OPENAI_REQUEST_FAILED": "#E69F00",
    "OPENAI_NON_JSON_RESPONSE": "#CC79A7",
    "OPENAI_MISSING_CONTENT": "#F0E442",
    "OPENAI_NON_JSON_CONTENT": "#009E73",
    "OPENAI_OUTPUT_NOT_OBJECT": "#56B4E9",
    "MISSING_API_KEY": "#8A6D00",
    "other": "#4B5563",
}

ERRORS: Spec = over_time(
    [
        stacked(
            "failures",
            {"field": "colour", "scale": {"domain": list(CODES), "range": list(CODES.values())}},
            bin_tooltip(("code", "errorCode", None), ("runs", "failed", ",d"), ("of", "of openai", ",d")),
            tickMinStep=1,
            format="d",
        ),
        {
            "data": {"name": "failed_bins"},
            "mark": {"type": "text", "text": "×", "fontSize": 13, "fontWeight": 700, "dy": -6},
            "encoding": {
                "x": {"field": "middle", "type": "temporal"},
                "y": {"field": "runs", "type": "quantitative"},
                "color": {"value": FAILED},
            },
        },
        control_changes(),
    ],
    height=64,
)
