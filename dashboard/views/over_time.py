"""The charts on one shared time axis. Their data can be opened as tables below the page."""

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.charts.errors import CODES, ERRORS
from dashboard.charts.grammar import Spec
from dashboard.charts.lane import LANE
from dashboard.charts.latency import LATENCY
from dashboard.charts.rate import RATE
from dashboard.data.bins import Axis, width_in_words
from dashboard.data.overview import Overview
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from dashboard.views.markup import tag, text, titled

Data = Mapping[str, pa.Table]


def data_sets(view: Overview) -> dict[str, pd.DataFrame]:
    """What the charts draw, by the names in their specifications; empty when nothing has a time."""
    if view.axis is None or view.lines is None or view.lane is None or view.changes is None:
        return {}
    lines, codes = view.lines, view.lines.failures["code"]
    ends = pd.Series([view.axis.start_ns, view.axis.end_ns])
    return {
        "span": pd.DataFrame({"at": Axis.times(ends)}),
        "changes": view.changes,
        "lane": view.lane,
        "bins": lines.bins,
        "failures": lines.failures.assign(colour=codes.where(codes.isin(CODES), "other")),
        "failed_bins": lines.failed_bins,
        "percentiles": lines.percentiles,
        "points": lines.points,
    }


def draw(view: Overview, data: Data) -> None:
    """Draw the charts of the `data_sets` of `view`, or nothing when nothing has a time."""
    if view.axis is None or view.lines is None or not data:
        return
    every = width_in_words(view.axis.width_ns)
    failures = view.lines.failures
    failed = int(failures["runs"].sum())
    with st.container(key="charts", gap=None):
        _titled("Controls", "step in force; a rule marks each change")
        _chart(LANE, data, f"Controls over time: {data['changes'].num_rows} changes in view")
        _titled("Runs", f"every {every} · " + _legend_rate())
        _chart(RATE, data, f"Runs every {every} by outcome")
        if failed:
            _titled("Failed model calls", f"every {every} · " + _legend_codes(failures))
            _chart(ERRORS, data, f"Failed model calls every {every}: {failed} in view")
        else:
            _titled("Failed model calls", "none in view")
        _titled("Latency", _legend_latency(every, view.made_of))
        few = FEWEST_FOR_PERCENTILES
        _chart(LATENCY, data, f"Latency every {every} by path; single runs where a bin has under {few}")


def _chart(spec: Spec, data: Data, alt: str) -> None:
    """Send only the data sets that this chart names."""
    named = {layer["data"]["name"] for layer in spec["layer"]}
    sent = {name: one for name, one in data.items() if name in named}
    st.vega_lite_chart({**spec, "datasets": sent}, alt=alt, width="stretch")


def _titled(title: str, legend: str) -> None:
    st.html(titled(title, legend))


def _legend_rate() -> str:
    openai, failed = _key("●", "sg-openai", "openai"), _key("✕", "sg-failed", "openai failed")
    return openai + failed + _key("○", "sg-stub", "stub")


def _legend_codes(failures: pd.DataFrame) -> str:
    return "".join(
        tag(
            "span",
            tag("span", "■", style=f"color:{CODES.get(code, CODES['other'])}", aria_hidden="true"),
            text(code),
            cls="sg-key",
        )
        for code in sorted(set(failures["code"]))
    )


def _legend_latency(every: str, made_of: str) -> str:
    return (
        f"every {text(every)}, {text(made_of)} · "
        + _key("━", "sg-openai", "openai")
        + _key("╍", "sg-stub", "stub")
        + f"thick p50, thin p95, thinnest p99; rings: single runs, under {FEWEST_FOR_PERCENTILES} in a bin"
    )


def _key(sign: str, cls: str, name: str) -> str:
    return tag("span", tag("span", sign, cls=cls, aria_hidden="true"), text(name), cls="sg-key")
