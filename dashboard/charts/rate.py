"""How many runs went which way, per bin; an empty bin stays empty."""

from dashboard.charts.grammar import FAILED, OPENAI, Spec, bin_tooltip, control_changes, over_time, stacked

# A paler stub, so that what reached the model stands out of it; right on light and dark ground.
STUB_FILL = "#6B728099"
ORDER = ["stub", "openai completed", "openai failed"]

RATE: Spec = over_time(
    [
        stacked(
            "bins",
            {"field": "outcome", "scale": {"domain": ORDER, "range": [STUB_FILL, OPENAI, FAILED]}},
            bin_tooltip(("outcome", "outcome", None), ("runs", "runs", ",d"), ("share", "share", ".1%")),
        ),
        control_changes(),
    ],
    height=108,
)
