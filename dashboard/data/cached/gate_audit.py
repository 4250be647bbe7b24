"""What the page Gate audit asks, cached: at most ten seconds old.

What goes over all lines is counted beside the page, the older the more lines there are.
"""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.data.cached.counting import TICK_NS, Counting, period_of
from dashboard.data.gate_audit import figures
from dashboard.data.gate_audit.asked import Asked
from dashboard.data.queries import Cursor, lines_stored
from dashboard.data.time_limit import LONGEST_SECONDS, time_limit
from gates.verdict.bucket_health import BucketHealth, bucket_health
from ingest.evidence import bucket_counts
from ingest.gate_audit import Cell, Findings, FoundCode, Line, findings, found_codes, lines_of, matrix
from ingest.store import TelemetryStore

LADDER = (1, 5, 10, 25, 50, 100)
T = TypeVar("T")
_COUNTING = Counting(most=48)


def found_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> tuple[FoundCode, ...]:
    """What was found. This and the others raise `QueryTimeout` and DuckDB's errors."""
    return _found(store, str(store.path), chosen, now_ns // TICK_NS)


def findings_of(store: TelemetryStore, chosen: Asked, now_ns: int, wait_s: float) -> Findings | None:
    """What was found, in how many lines; null while they are counted, which this waits `wait_s` for."""
    return _counted(
        store, ("findings", chosen), now_ns, wait_s, lambda cursor: findings(cursor, chosen.chosen)
    )


def matrix_of(store: TelemetryStore, chosen: Asked, now_ns: int, wait_s: float) -> tuple[Cell, ...] | None:
    """The truth table with counts, in the same way."""
    return _counted(store, ("matrix", chosen), now_ns, wait_s, lambda cursor: matrix(cursor, chosen.chosen))


def groups_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> dict[str, tuple[figures.Group, ...]]:
    """Findings by what they have in common."""
    return _groups(store, str(store.path), chosen, now_ns // TICK_NS)


def over_time_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> figures.OverTime | None:
    """Findings over time."""
    return _over_time(store, str(store.path), chosen, now_ns // TICK_NS)


def lines_on(
    store: TelemetryStore, chosen: Asked, now_ns: int, *, limit: int, offset: int, with_excused: bool
) -> tuple[Line, ...]:
    """A page of the lines behind the findings, newest first."""
    return _lines(store, str(store.path), chosen, now_ns // TICK_NS, limit, offset, with_excused)


def buckets_of(
    store: TelemetryStore, now_ns: int, wait_s: float
) -> tuple[tuple[int, ...], BucketHealth] | None:
    """The distinct jobs of each bucket, and what they say of the ids, in the same way."""
    counts = _counted(store, ("buckets",), now_ns, wait_s, bucket_counts)
    return None if counts is None else (counts, bucket_health(counts, LADDER))


def _counted(
    store: TelemetryStore, about: tuple[object, ...], now_ns: int, wait_s: float, ask: Callable[[Cursor], T]
) -> T | None:
    def count() -> T:
        with store.cursor() as cursor, time_limit(cursor, LONGEST_SECONDS):
            return ask(cursor)

    with store.cursor() as cursor:
        lines = lines_stored(cursor)
    return _COUNTING.ask((str(store.path), *about), period_of(lines, now_ns), count, wait_s)


@st.cache_data(max_entries=16, show_spinner=False)
def _found(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: Asked,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[FoundCode, ...]:
    with _store.cursor() as cursor, time_limit(cursor):
        return found_codes(cursor, chosen.chosen)


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: Asked,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> dict[str, tuple[figures.Group, ...]]:
    with _store.cursor() as cursor:
        return figures.groups(cursor, chosen.chosen)


@st.cache_data(max_entries=16, show_spinner=False)
def _over_time(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: Asked,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> figures.OverTime | None:
    with _store.cursor() as cursor:
        return figures.over_time(cursor, chosen.chosen)


@st.cache_data(max_entries=32, show_spinner=False)
def _lines(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: Asked,
    tick: int,  # noqa: ARG001 - stands for what is in it
    limit: int,
    offset: int,
    with_excused: bool,
) -> tuple[Line, ...]:
    with _store.cursor() as cursor, time_limit(cursor):
        return lines_of(cursor, chosen.chosen, limit, offset, with_excused=with_excused)
