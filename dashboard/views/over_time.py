"""The charts on one shared time axis. Their data can be opened as tables below the page."""

import pandas as pd
import streamlit as st

from dashboard.charts.errors import CODES, ERRORS
from dashboard.charts.grammar import Spec
from dashboard.charts.lane import LANE
from dashboard.charts.latency import LATENCY
from dashboard.charts.rate import RATE
from dashboard.data.bins import width_in_words
from dashboard.data.overview import Overview
from dashboard.data.timeline import FEWEST_FOR_PERCENTILES
from dashboard.views.markup import tag, text


def draw(view: Overview) -> None:
    """Draw the four charts, or say that there is nothing with a time."""
    if view.axis is None or view.lines is None or view.lane is None or view.changes is None:
        return
    axis, lines, changes = view.axis, view.lines, view.changes
    every = width_in_words(axis.width_ns)
    span = pd.DataFrame({"at": axis.times(pd.Series([axis.start_ns, axis.end_ns]))})
    common = {"span": span, "changes": changes}
    with st.container(key="charts", gap=None):
        _titled("Controls", "step in force; a rule marks each change")
        _chart(LANE, {**common, "lane": view.lane}, f"Controls over time: {len(changes)} changes in view")
        _titled("Jobs", f"every {every} · " + _legend_rate())
        _chart(RATE, {**common, "bins": lines.bins}, f"Jobs every {every} by outcome")
        failed = int(lines.failures["jobs"].sum())
        if failed:
            _titled("Failed model calls", f"every {every} · {_legend_codes(lines.failures)}")
            failures = lines.failures.assign(
                colour=lines.failures["code"].where(lines.failures["code"].isin(CODES), "other")
            )
            _chart(
                ERRORS,
                {**common, "failures": failures, "failed_bins": lines.failed_bins},
                f"Failed model calls every {every}: {failed} in view",
            )
        else:
            _titled("Failed model calls", "none in view")
        _titled("Latency", _legend_latency(every))
        _chart(
            LATENCY,
            {**common, "percentiles": lines.percentiles, "points": lines.points},
            f"Latency every {every} by path: percentiles, or single runs where a bin has fewer than "
            f"{FEWEST_FOR_PERCENTILES}",
        )


def _chart(spec: Spec, data: dict[str, pd.DataFrame], alt: str) -> None:
    st.vega_lite_chart({**spec, "datasets": data}, alt=alt, width="stretch")


def _titled(title: str, legend: str) -> None:
    st.html(tag("div", tag("h3", text(title)), tag("span", legend, cls="sg-legend"), cls="sg-chart-title"))


def _legend_rate() -> str:
    return (
        _key("●", "sg-openai", "openai")
        + _key("✕", "sg-failed", "openai failed")
        + _key("○", "sg-stub", "stub")
    )


def _legend_codes(failures: pd.DataFrame) -> str:
    codes = sorted(set(failures["code"]))
    return "".join(
        tag(
            "span",
            tag("span", "■", style=f"color:{CODES.get(code, CODES['other'])}", aria_hidden="true"),
            text(code),
            cls="sg-key",
        )
        for code in codes
    )


def _legend_latency(every: str) -> str:
    return (
        f"every {text(every)} · "
        + _key("━", "sg-openai", "openai")
        + _key("╍", "sg-stub", "stub")
        + f"thick p50, thin p95, thinnest p99; rings: single runs, under {FEWEST_FOR_PERCENTILES} in a bin"
    )


def _key(sign: str, cls: str, name: str) -> str:
    return tag("span", tag("span", sign, cls=cls, aria_hidden="true"), text(name), cls="sg-key")
