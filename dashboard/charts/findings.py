"""Gate-audit findings per bin by severity, those in grace on top, over the changes of the controls."""

from dashboard.charts.grammar import WITH_TIMES, Spec, bin_tooltip, control_changes, over_time, stacked

COLOURS = {
    "critical": "#D55E00",
    "high": "#E69F00",
    "medium": "#CC79A7",
    "low": "#6B7280",
    "in grace": "#9AA4B2",
}

FINDINGS: Spec = over_time(
    [
        stacked(
            "findings",
            {"field": "kind", "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())}},
            bin_tooltip(("kind", "severity", None), ("findings", "findings", ",d")),
            tickMinStep=1,
            format="d",
        ),
        control_changes(),
    ],
    height=84,
    x_labels=WITH_TIMES,
)
