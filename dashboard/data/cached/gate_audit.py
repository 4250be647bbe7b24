"""What the page Gate audit asks, cached: at most ten seconds old, what goes over all lines thirty.

What took too long is cached, too: a page that refreshes would ask it again and again.
"""

import streamlit as st

from dashboard.data.cached.late import Late, in_time, or_late
from dashboard.data.gate_audit import figures
from dashboard.data.gate_audit.asked import Asked
from dashboard.data.time_limit import time_limit
from gates.verdict.bucket_health import BucketHealth, bucket_health
from ingest.evidence import bucket_counts
from ingest.gate_audit import Cell, Findings, FoundCode, Line, findings, found_codes, lines_of, matrix
from ingest.store import TelemetryStore

TICK_NS = 10 * 10**9
SLOW_TICK_NS = 30 * 10**9
LADDER = (1, 5, 10, 25, 50, 100)


def found_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> tuple[FoundCode, ...]:
    """What was found. This and the others raise `QueryTimeout` and DuckDB's errors."""
    return _found(store, str(store.path), chosen, now_ns // TICK_NS)


def findings_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> Findings:
    """What was found, in how many lines."""
    return in_time(_findings(store, str(store.path), chosen, now_ns // SLOW_TICK_NS))


def matrix_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> tuple[Cell, ...]:
    """The truth table with counts."""
    return in_time(_matrix(store, str(store.path), chosen, now_ns // SLOW_TICK_NS))


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


def buckets_of(store: TelemetryStore, now_ns: int) -> tuple[tuple[int, ...], BucketHealth]:
    """The distinct jobs of each bucket, and what they say of the ids."""
    return in_time(_buckets(store, str(store.path), now_ns // SLOW_TICK_NS))


@st.cache_data(max_entries=16, show_spinner=False)
def _found(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    chosen: Asked,
    tick: int,  # noqa: ARG001
) -> tuple[FoundCode, ...]:
    with _store.cursor() as cursor, time_limit(cursor):
        return found_codes(cursor, chosen.chosen)


@st.cache_data(max_entries=16, show_spinner=False)
def _findings(_store: TelemetryStore, path: str, chosen: Asked, tick: int) -> Findings | Late:  # noqa: ARG001
    return or_late(_store, lambda cursor: findings(cursor, chosen.chosen))


@st.cache_data(max_entries=16, show_spinner=False)
def _matrix(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    chosen: Asked,
    tick: int,  # noqa: ARG001
) -> tuple[Cell, ...] | Late:
    return or_late(_store, lambda cursor: matrix(cursor, chosen.chosen))


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    chosen: Asked,
    tick: int,  # noqa: ARG001
) -> dict[str, tuple[figures.Group, ...]]:
    with _store.cursor() as cursor:
        return figures.groups(cursor, chosen.chosen)


@st.cache_data(max_entries=16, show_spinner=False)
def _over_time(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    chosen: Asked,
    tick: int,  # noqa: ARG001
) -> figures.OverTime | None:
    with _store.cursor() as cursor:
        return figures.over_time(cursor, chosen.chosen)


@st.cache_data(max_entries=32, show_spinner=False)
def _lines(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    chosen: Asked,
    tick: int,  # noqa: ARG001
    limit: int,
    offset: int,
    with_excused: bool,
) -> tuple[Line, ...]:
    with _store.cursor() as cursor, time_limit(cursor):
        return lines_of(cursor, chosen.chosen, limit, offset, with_excused=with_excused)


@st.cache_data(max_entries=4, show_spinner=False)
def _buckets(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001
    tick: int,  # noqa: ARG001
) -> tuple[tuple[int, ...], BucketHealth] | Late:
    counts = or_late(_store, bucket_counts)
    return counts if isinstance(counts, Late) else (counts, bucket_health(counts, LADDER))
