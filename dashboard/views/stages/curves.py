"""The latencies of one stay, or of two above each other, with their data."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.charts.ecdf import ECDF, OTHER, THIS
from dashboard.views.markup import tag, text
from dashboard.views.table import exports

MARKS = (("━", THIS), ("╍", OTHER))
SIDES = ("this", "other")


def curves(named: Sequence[tuple[str, pd.DataFrame]], key: str) -> None:
    """`named` are one or two stays with their distributions, as `stage_detail` has them."""
    frames = [frame.assign(stay=name, side=side) for (name, frame), side in zip(named, SIDES, strict=False)]
    joined = pd.concat(frames, ignore_index=True)
    keys = "".join(
        tag("span", tag("span", sign, style=f"color:{colour}", aria_hidden="true"), text(name), cls="sg-key")
        for (name, _), (sign, colour) in zip(named, MARKS, strict=False)
    )
    st.html(
        tag(
            "div",
            tag("h3", "How long completed model calls took"),
            tag(
                "span",
                keys,
                "share of calls that took no longer",
                cls="sg-legend",
            ),
            cls="sg-chart-title",
        )
    )
    if joined.empty:
        st.html(tag("p", "No model call completed: there is no latency to show.", cls="sg-note"))
        return
    drawn = joined.assign(seconds=joined["seconds"].clip(lower=0.001))
    names = " and ".join(name for name, _ in named)
    st.vega_lite_chart(
        {**ECDF, "datasets": {"curves": drawn}},
        alt=f"Latency of completed model calls as a cumulative distribution: {names}",
        width="stretch",
    )
    exports(joined.drop(columns="side"), key=f"{key}-curves", name="Latency distribution")
