"""What the page Gate audit asks, cached: at most ten seconds old, the buckets a minute."""

from collections.abc import Sequence

import streamlit as st

from dashboard.data.gate_audit import figures
from dashboard.data.gate_audit.asked import Asked
from dashboard.data.time_limit import time_limit
from gates.verdict.bucket_health import BucketHealth, bucket_health
from ingest.evidence import bucket_counts
from ingest.gate_audit import Cell, Findings, Line, findings, lines_of, matrix
from ingest.store import TelemetryStore

TICK_NS = 10 * 10**9
BUCKET_TICK_NS = 60 * 10**9
LADDER = (1, 5, 10, 25, 50, 100)


def findings_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> Findings:
    """Counts of everything found. This and the others raise `QueryTimeout` and DuckDB's errors."""
    return _findings(store, str(store.path), chosen, now_ns // TICK_NS)


def matrix_of(store: TelemetryStore, chosen: Asked, now_ns: int) -> tuple[Cell, ...]:
    """The truth table with counts."""
    return _matrix(store, str(store.path), chosen, now_ns // TICK_NS)


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
    return _buckets(store, str(store.path), now_ns // BUCKET_TICK_NS)


def sources_of(store: TelemetryStore, now_ns: int) -> Sequence[tuple[int, str, str]]:
    """Number, name and trust of each source."""
    return _sources(store, str(store.path), now_ns // TICK_NS)


@st.cache_data(max_entries=16, show_spinner=False)
def _findings(_store: TelemetryStore, path: str, chosen: Asked, tick: int) -> Findings:  # noqa: ARG001
    with _store.cursor() as cursor, time_limit(cursor):
        return findings(cursor, chosen.chosen)


@st.cache_data(max_entries=16, show_spinner=False)
def _matrix(_store: TelemetryStore, path: str, chosen: Asked, tick: int) -> tuple[Cell, ...]:  # noqa: ARG001
    with _store.cursor() as cursor, time_limit(cursor):
        return matrix(cursor, chosen.chosen)


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
def _buckets(_store: TelemetryStore, path: str, tick: int) -> tuple[tuple[int, ...], BucketHealth]:  # noqa: ARG001
    with _store.cursor() as cursor, time_limit(cursor):
        counts = bucket_counts(cursor)
    return counts, bucket_health(counts, LADDER)


@st.cache_data(max_entries=4, show_spinner=False)
def _sources(_store: TelemetryStore, path: str, tick: int) -> Sequence[tuple[int, str, str]]:  # noqa: ARG001
    with _store.cursor() as cursor:
        return figures.sources(cursor)
