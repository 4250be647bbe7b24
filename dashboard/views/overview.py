"""Overview: where the rollout stands, whether it may go on, what became of the runs over time."""

import duckdb
import streamlit as st

from dashboard.data.cached.overview import DataSets, Drawn, Markup, overview_of, steps_of
from dashboard.data.overview import Overview
from dashboard.data.scope import SCOPES, WINDOW_BY_NAME, title
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views import breakdown, over_time, tables
from dashboard.views.lately import lately
from dashboard.views.live import Moment, live, pause_toggle
from dashboard.views.pickers import scope_picker, window_picker
from dashboard.views.states import empty_record, failed_query, nothing_chosen, untimed
from dashboard.views.table import exports
from dashboard.views.totals import totals


def render() -> None:
    """Draw the page: the head, the pickers once, everything that lives in one part that refreshes itself."""
    head = st.container()
    with st.container(key="pickers", horizontal=True, vertical_alignment="center"):
        scope, window = scope_picker(), window_picker()
        paused = pause_toggle()
    live(lambda moment: _body(scope, window, moment), paused=paused, head=head)


def _body(scope: str, window: str, moment: Moment) -> None:
    place = seat.taken()
    found = _view(scope, window, moment.now_ns)
    if found is None:
        return
    view, drawn = found
    if view.everything.runs == 0:
        st.html(empty_record(place.home.root))
        return
    if view.chosen.runs == 0:
        st.html(nothing_chosen(title(SCOPES[scope]), WINDOW_BY_NAME[window].label))
        return
    st.html(drawn.markup["totals"])
    lately(moment)
    if view.axis is None:
        st.html(untimed())
    over_time.draw(view, drawn.data)
    _beside_each_other(view, drawn.markup)
    _steps(moment.now_ns)
    tables.behind_the_charts(view)


def _drawn(view: Overview) -> tuple[DataSets, Markup]:
    """What is the same for every reader of a view."""
    if view.chosen.runs == 0:
        return {}, {}
    markup = {
        "totals": totals(view),
        "outcomes": breakdown.outcome_table(view),
        "latencies": breakdown.latency_table(view),
        "quarantine": breakdown.quarantine_table(view),
    }
    return over_time.data_sets(view), markup


def _beside_each_other(view: Overview, markup: Markup) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.html(markup["outcomes"])
        exports(view.outcomes, key="outcomes", name="Outcomes")
    with right:
        st.html(markup["latencies"])
        exports(view.latencies, key="latencies", name="Latencies")
        if not view.quarantine.empty:
            st.html(markup["quarantine"])
            exports(view.quarantine, key="quarantine", name="Quarantine by cause")


def _steps(now_ns: int) -> None:
    try:
        found = steps_of(seat.taken().store, now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return
    tables.steps(found, st.context.timezone or "UTC")


def _view(scope: str, window: str, now_ns: int) -> tuple[Overview, Drawn] | None:
    place = seat.taken()
    try:
        generation = place.loader.status.generation
        return overview_of(place.store, generation, scope, window, now_ns, _drawn)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return None
