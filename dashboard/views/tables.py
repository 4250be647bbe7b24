"""The tables that can be sorted, searched and exported: the steps, and the data behind each chart."""

import pandas as pd
import streamlit as st

from dashboard.data.overview import Overview
from dashboard.views.links import link
from dashboard.views.markup import tag
from dashboard.views.table import TIME, table


def steps(stays: pd.DataFrame, zone: str) -> None:
    """One row a stay on a step, newest first."""
    number, column = st.column_config.NumberColumn, st.column_config.Column
    table(
        stays,
        key="steps",
        title="Steps",
        note="all loaded lines, as slotgate report counts; percentiles from 20 runs on; every 10 s",
        columns={
            "step": column("step", pinned=True),
            "stage": number("stage", width=60),
            "from": st.column_config.DatetimeColumn("from", format=TIME, timezone=zone),
            "to": st.column_config.DatetimeColumn("to", format=TIME, timezone=zone),
            "revisions": column("revisions", width=80),
            "runs": number("runs", format="localized", width=80),
            "openai": number("openai", format="localized", width=80),
            "share": st.column_config.ProgressColumn(
                "openai share", format="percent", min_value=0, max_value=1, width=110
            ),
            "failed": number("failed", format="localized", width=70),
            "failure_rate": number("failed of openai", format="percent", width=110),
            "p50": number("openai p50 s", format="%.2f", width=100),
            "p95": number("openai p95 s", format="%.2f", width=100),
            "p99": number("openai p99 s", format="%.2f", width=100),
            "stub_p50": number("stub p50 s", format="%.3f", width=90),
            "failures": column("errorCodes of failures", width=360),
        },
    )
    st.html(
        tag(
            "p",
            link("stages", "Stages"),
            " has the bounds, verdict and signatures of each stay, and any two side by side.",
            cls="sg-note",
        )
    )


def behind_the_charts(view: Overview) -> None:
    """The data of every chart and figure, drawn only while it is open."""
    closed = st.expander("Data behind the figures and charts", key="data", on_change="rerun")
    if not closed.open:
        return
    frames = {"Outcomes": view.outcomes, "Latency, ms": view.latencies, "Quarantine": view.quarantine}
    if view.lines is not None and view.lane is not None and view.changes is not None:
        frames |= {
            "Runs over time": view.lines.bins,
            "Failures over time": view.lines.failures,
            "Percentiles over time, s": view.lines.percentiles.dropna(subset=["runs"]),
            "Single runs, s": view.lines.points,
            "Controls": view.lane,
            "Changes": view.changes,
        }
    with closed:
        for panel, (name, frame) in zip(st.tabs(list(frames)), frames.items(), strict=True):
            with panel:
                table(_plain(frame), key=f"data_{name.lower().replace(' ', '_')}", title=name)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the columns that only place marks on a chart."""
    placing = {"rank", "middle", "base", "top", "room", "strength", "utc"}
    return frame.drop(columns=[column for column in frame.columns if column in placing])
