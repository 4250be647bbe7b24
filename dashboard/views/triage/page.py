"""Triage: find a job and its whole story; failures; quarantine; outputs that people found bad."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data import format as words
from dashboard.data.cached import triage as cached
from dashboard.server import seat
from dashboard.views.address import from_address
from dashboard.views.links import link
from dashboard.views.live import pause_toggle
from dashboard.views.markup import tag, text
from dashboard.views.triage import bad, failed, job, quarantined
from dashboard.views.tried import tried

JOB = "job"
TABS: dict[str, tuple[str, Callable[[bool, DeltaGenerator], None]]] = {
    JOB: ("One job", job.draw),
    "failures": ("Failures", failed.draw),
    "quarantine": ("Quarantine", quarantined.draw),
    "bad": ("Bad outputs", bad.draw),
}


def render() -> None:
    """Draw the page: what to look at, then that; only the head refreshes while a look takes its time."""
    from_address("tab", TABS, JOB)
    head = st.container()
    with st.container(key="triage-pickers", horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "What to look at",
            list(TABS),
            key="tab",
            format_func=lambda name: TABS[name][0],
            on_change=_turned,
            required=True,
            label_visibility="collapsed",
        )
        paused = pause_toggle()
    _kept_since()
    TABS[str(chosen)][1](paused, head)


def _kept_since() -> None:
    """Everything here is single lines; a day whose lines are gone has none."""
    gone_ns = tried(lambda: cached.gone_before(seat.taken().store))
    if gone_ns is not None:
        overview = link("overview", "Overview")
        said = f"{words.lines_kept_since(gone_ns).capitalize()}, and their counts are on the "
        st.html(tag("p", text(said), overview, ".", cls="sg-note", data_state="kept-since"))


def _turned() -> None:
    """Another part has filters of its own."""
    st.query_params.clear()
    if st.session_state["tab"] != JOB:
        st.query_params["tab"] = st.session_state["tab"]
