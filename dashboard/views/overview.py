"""Overview: where the rollout stands, whether it may go on, what became of the runs over time."""

import time
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data.cache import overview_of, steps_of
from dashboard.data.controls_file import read_strip
from dashboard.data.overview import Overview
from dashboard.data.scope import SCOPES, WINDOW_BY_NAME, title
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views import breakdown, over_time, tables
from dashboard.views.freshness import freshness
from dashboard.views.pickers import scope_picker, window_picker
from dashboard.views.states import empty_record, failed_query, nothing_chosen, untimed
from dashboard.views.strip import control_strip
from dashboard.views.totals import totals
from dashboard.views.verdict import verdict_line

REFRESH_SECONDS = 2.0


def render() -> None:
    """Draw the page: the pickers once, everything that lives in one fragment that refreshes itself."""
    strip = st.container(key="strip", gap=None)
    with st.container(key="pickers", horizontal=True, vertical_alignment="center"):
        scope, window = scope_picker(), window_picker()
        paused = st.toggle("Pause", key="paused", help="Stop refreshing every two seconds")
    live = st.fragment(_live, run_every=None if paused else REFRESH_SECONDS)
    live(strip, scope, window, paused)


def _live(strip: DeltaGenerator, scope: str, window: str, paused: bool) -> None:
    place, now_ns, zone = seat.taken(), time.time_ns(), _readers_zone()
    controls = read_strip(place.controls, place.home.control_file)
    # Before anything that can take long or fail: the state of the controls waits for no query.
    strip.html(control_strip(controls, now_ns, zone))
    strip.html(verdict_line(place.watch.watched, controls.revision, now_ns, zone))
    view = _view(scope, window, now_ns)
    strip.html(freshness(view, place.loader.status, now_ns, time.monotonic(), zone, paused=paused))
    if view is None:
        return
    if view.everything.runs == 0:
        st.html(empty_record(place.home.root))
        return
    if view.chosen.runs == 0:
        st.html(nothing_chosen(title(SCOPES[scope]), WINDOW_BY_NAME[window].label))
        return
    st.html(totals(view))
    if view.axis is None:
        st.html(untimed())
    over_time.draw(view)
    _beside_each_other(view)
    _steps(now_ns)
    tables.behind_the_charts(view)


def _beside_each_other(view: Overview) -> None:
    left, right = st.columns(2, gap="large")
    left.html(breakdown.outcome_table(view))
    right.html(breakdown.latency_table(view) + breakdown.quarantine_table(view))


def _steps(now_ns: int) -> None:
    try:
        found = steps_of(seat.taken().store, now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return
    tables.steps(found, st.context.timezone or "UTC")


def _view(scope: str, window: str, now_ns: int) -> Overview | None:
    place = seat.taken()
    try:
        return overview_of(place.store, place.loader.status.generation, scope, window, now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return None


def _readers_zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
