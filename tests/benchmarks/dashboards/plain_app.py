"""The peer: the Overview as a plain Streamlit app, written the usual way.

The same queries, in every rerun; `st.metric`, `st.altair_chart`, `st.dataframe`; refreshed every two
seconds; a stop button that publishes the same kill. It has no verdict, no controls over time, no
sign-in, no files of its tables, and it loads no lines: it does less. `?slow` runs a query of half a minute
in every refresh of that session.

PLAIN_TELEMETRY: the telemetry. PLAIN_HOME: the home that the button stops.
"""

import os
import time
from pathlib import Path

import altair as alt
import duckdb
import streamlit as st

from dashboard.data.lately import of_telemetry
from dashboard.data.overview import overview
from dashboard.data.scope import SCOPES, WINDOW_BY_NAME
from dashboard.data.steps import step_rows
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.kill import stop

home = Home(Path(os.environ["PLAIN_HOME"]))
st.set_page_config(page_title="Rollout", layout="wide")
st.title("Rollout")
if st.button("Stop all AI calls"):
    stop(home)
    st.error("Stopped")
scope = st.selectbox("Stage or step", list(SCOPES))
window = st.segmented_control("Window", list(WINDOW_BY_NAME), default="all")


@st.fragment(run_every=2)
def page() -> None:
    now_ns = time.time_ns()
    st.write("Killed" if ControlFile(home.control_file).current().killed else "Live")
    with duckdb.connect(os.environ["PLAIN_TELEMETRY"], read_only=True) as connection:
        if "slow" in st.query_params:
            st.write("the query begins")
            until = time.monotonic() + 30
            while time.monotonic() < until:
                sql = "SELECT sum(one.range * two.range) FROM range(20000) one, range(20000) two"
                connection.execute(sql).fetchall()
        view = overview(connection, SCOPES[scope], WINDOW_BY_NAME[window or "all"], now_ns)
        lately = of_telemetry(connection, now_ns)
        steps = step_rows(connection)
    figures = {
        "Runs": view.chosen.runs,
        "Impossible": view.chosen.contradictions,
        "No time": view.chosen.no_time,
        "No step": view.chosen.no_step,
        "All": view.everything.runs,
        "Quarantined": int(view.quarantine["records"].sum()),
    }
    for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(name, f"{value:,}")
    st.subheader("What changed in the last hour")
    for one in lately:
        st.write(one.said)
    lines = view.lines
    if lines is not None and view.lane is not None and view.changes is not None:
        colour = alt.Color("outcome")
        st.subheader("Controls")
        st.altair_chart(alt.Chart(view.changes).mark_rule().encode(x="at:T"), width="stretch")
        st.subheader("Runs")
        st.altair_chart(alt.Chart(lines.bins).mark_bar().encode(x="at:T", y="runs", color=colour))
        st.subheader("Failed model calls")
        failed = alt.Chart(lines.failures).mark_bar().encode(x="at:T", y="runs", color="code")
        st.altair_chart(failed, width="stretch")
        st.subheader("Latency")
        base = alt.Chart(lines.percentiles).mark_line().encode(x="at:T", color="path")
        drawn = base.encode(y="p50") + base.encode(y="p95") + base.encode(y="p99")
        points = alt.Chart(lines.points).mark_point().encode(x="at:T", y="seconds", color="path")
        st.altair_chart(drawn + points, width="stretch")
    left, right = st.columns(2)
    left.dataframe(view.outcomes)
    right.dataframe(view.latencies)
    right.dataframe(view.quarantine)
    st.dataframe(steps)


page()
