"""What the Overview asks. Every input of a cached function is an argument that counts.

A page refreshes every two seconds. `tick` is that moment, rounded, and `generation` the last change
of the store: so any number of readers of one view cost one pass, and none of them sees an old one
after new lines came in. The table of all steps goes over the whole record and changes slowly, so it
is at most ten seconds old.

What the charts draw is kept as Arrow tables: for each reader anew, frames cost Streamlit fifty times as
much to send.
"""

from collections.abc import Callable, Mapping

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.data.overview import Overview, overview
from dashboard.data.scope import SCOPES, WINDOW_BY_NAME
from dashboard.data.steps import step_rows
from ingest.store import TelemetryStore

TICK_NS = 2 * 10**9
STEPS_TICK_NS = 10 * 10**9
DataSets = Mapping[str, pd.DataFrame]
Drawn = Mapping[str, pa.Table]
"""The data sets of the charts, by name; empty when nothing has a time."""


def overview_of(
    store: TelemetryStore,
    generation: int,
    scope: str,
    window: str,
    now_ns: int,
    data_sets: Callable[[Overview], DataSets],
) -> tuple[Overview, Drawn]:
    """The Overview's frames, at most two seconds old, and what `data_sets` makes of them for the charts.

    Raises `QueryTimeout` and DuckDB's errors.
    """
    return _overview(store, str(store.path), generation, scope, window, now_ns // TICK_NS, data_sets)


def steps_of(store: TelemetryStore, now_ns: int) -> pd.DataFrame:
    """Every stay on a step, at most ten seconds old. Raises `QueryTimeout` and DuckDB's errors."""
    return _steps(store, str(store.path), now_ns // STEPS_TICK_NS)


@st.cache_data(max_entries=4, show_spinner=False)
def _steps(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> pd.DataFrame:
    cursor = _store.cursor()
    try:
        return step_rows(cursor)
    finally:
        cursor.close()


@st.cache_data(max_entries=32, show_spinner=False)
def _overview(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    generation: int,  # noqa: ARG001 - stands for what is in it
    scope: str,
    window: str,
    tick: int,
    _data_sets: Callable[[Overview], DataSets],
) -> tuple[Overview, Drawn]:
    cursor = _store.cursor()
    try:
        # The end of the tick: what has been loaded by now is in it.
        view = overview(cursor, SCOPES[scope], WINDOW_BY_NAME[window], (tick + 1) * TICK_NS)
    finally:
        cursor.close()
    return view, {
        name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in _data_sets(view).items()
    }
