"""What the Overview asks. Every input of a cached function is an argument that counts.

A page refreshes every two seconds. `tick` is that moment, rounded, and `generation` the last change
of the store: so any number of readers of one view cost one pass, and none of them sees an old one
after new lines came in. The table of all steps goes over the whole record and changes slowly, so it
is at most ten seconds old.

What every reader sees the same is drawn once: parts in markup, and the data of the charts as Arrow
tables, which are sent for a fiftieth of what frames cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
Markup = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a view looks like to every reader: data sets of the charts and parts in markup, by name.

    There are no data sets when nothing has a time.
    """

    data: Mapping[str, pa.Table]
    markup: Markup


def overview_of(
    store: TelemetryStore,
    generation: int,
    scope: str,
    window: str,
    now_ns: int,
    draw: Callable[[Overview], tuple[DataSets, Markup]],
) -> tuple[Overview, Drawn]:
    """The Overview's frames, at most two seconds old, and what `draw`, always the same, makes of them.

    Raises `QueryTimeout` and DuckDB's errors.
    """
    return _overview(store, str(store.path), generation, scope, window, now_ns // TICK_NS, draw)


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
    _draw: Callable[[Overview], tuple[DataSets, Markup]],
) -> tuple[Overview, Drawn]:
    cursor = _store.cursor()
    try:
        # The end of the tick: what has been loaded by now is in it.
        view = overview(cursor, SCOPES[scope], WINDOW_BY_NAME[window], (tick + 1) * TICK_NS)
    finally:
        cursor.close()
    data_sets, markup = _draw(view)
    data = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in data_sets.items()}
    return view, Drawn(data, markup)
