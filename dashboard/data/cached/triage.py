"""What the page Triage asks. A look for a job is done once for each time that somebody asks (`asked`)."""

from typing import Any

import streamlit as st

from dashboard.cli.store import store_of
from dashboard.data.cached.late import Late, in_time, or_late
from dashboard.data.time_limit import time_limit
from dashboard.data.triage.explained import Explained, under_revisions
from dashboard.data.triage.failures import FailedFilter, failed_lines, failures
from dashboard.data.triage.jobs import JobFound, Prefixed, find_job, find_prefix, job_at
from dashboard.data.triage.records import naming
from dashboard.server.seat import Seat
from gates.home import Home
from gates.store.review_rows import BadOutputRow
from ingest.contract.outcomes import Cause
from ingest.quarantine import Quarantine, QuarantineQuestion, RecordPlace, quarantine
from ingest.store import TelemetryStore
from ingest.store.gone import gone_before_ns

TICK_NS = 30 * 10**9
SHORT_TICK_NS = 2 * 10**9


def job_of(store: TelemetryStore, job_id: str, asked: int) -> tuple[JobFound, tuple[Explained, ...]]:
    """Everything of a job, and the gates under the controls of its lines. Raises `QueryTimeout`."""
    return _job(store, str(store.path), job_id, asked)


def prefixed(store: TelemetryStore, prefix: str, asked: int) -> Prefixed:
    """The jobs whose ids begin so. Raises `QueryTimeout`."""
    return _prefixed(store, str(store.path), prefix, asked)


def gone_before(store: TelemetryStore) -> int | None:
    """Lines with a time before it may be gone; null: none is. Nothing to wait for: one row."""
    with store.cursor() as cursor:
        return gone_before_ns(cursor)


def named_at(store: TelemetryStore, place: RecordPlace) -> str | None:
    """The job of a line. Raises `QueryTimeout`."""
    with store.cursor() as cursor:
        return job_at(cursor, place)


def failures_of(store: TelemetryStore, chosen: FailedFilter, now_ns: int) -> tuple[dict[str, Any], ...]:
    """Failures by errorCode and version, at most 30 s old. Raises `QueryTimeout`."""
    return in_time(_failures(store, str(store.path), chosen, now_ns // TICK_NS))


def failed_on(
    store: TelemetryStore, chosen: FailedFilter, page: int, now_ns: int
) -> tuple[dict[str, Any], ...]:
    """A page of failed lines. Raises `QueryTimeout`."""
    return _failed_lines(store, str(store.path), chosen, page, now_ns // TICK_NS)


def quarantine_of(store: TelemetryStore, cause: str, limit: int, offset: int, now_ns: int) -> Quarantine:
    """What is in quarantine, at most two seconds old. Raises `QueryTimeout`."""
    return _quarantine(store, str(store.path), cause, limit, offset, now_ns // SHORT_TICK_NS)


def reports_of(seat: Seat, now_ns: int) -> tuple[BadOutputRow, ...]:
    """Every report of a bad output, at most two seconds old. Raises a `StoreError`."""
    return _reports(seat, str(seat.home.root), now_ns // SHORT_TICK_NS)


def audit_naming(home: Home, job_id: str, now_ns: int) -> tuple[tuple[dict[str, Any], ...], bool]:
    """Audit records that name a job, and whether all were looked at. Raises a `StoreError`."""
    return _naming(home, str(home.root), job_id, now_ns // TICK_NS)


@st.cache_data(max_entries=32, show_spinner=False)
def _job(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    job_id: str,
    asked: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[JobFound, tuple[Explained, ...]]:
    with _store.cursor() as cursor, time_limit(cursor):
        found = find_job(cursor, job_id)
        return found, under_revisions(cursor, found)


@st.cache_data(max_entries=32, show_spinner=False)
def _prefixed(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    prefix: str,
    asked: int,  # noqa: ARG001 - stands for what is in it
) -> Prefixed:
    with _store.cursor() as cursor, time_limit(cursor):
        return find_prefix(cursor, prefix)


@st.cache_data(max_entries=16, show_spinner=False)
def _failures(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: FailedFilter,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[dict[str, Any], ...] | Late:
    return or_late(_store, lambda cursor: failures(cursor, chosen))


@st.cache_data(max_entries=16, show_spinner=False)
def _failed_lines(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    chosen: FailedFilter,
    page: int,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[dict[str, Any], ...]:
    with _store.cursor() as cursor, time_limit(cursor):
        return failed_lines(cursor, chosen, page)


@st.cache_data(max_entries=16, show_spinner=False)
def _quarantine(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    cause: str,
    limit: int,
    offset: int,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> Quarantine:
    asked = QuarantineQuestion(cause=Cause(cause) if cause else None, limit=limit, offset=offset)
    with _store.cursor() as cursor, time_limit(cursor):
        return quarantine(cursor, asked)


@st.cache_data(max_entries=4, show_spinner=False)
def _reports(
    _seat: Seat,
    root: str,  # noqa: ARG001 - stands for the seat in the key
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[BadOutputRow, ...]:
    with _seat.to_look() as service:
        return service.bad_outputs()


@st.cache_data(max_entries=32, show_spinner=False)
def _naming(
    _home: Home,
    root: str,  # noqa: ARG001 - stands for the home in the key
    job_id: str,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[tuple[dict[str, Any], ...], bool]:
    store = store_of(_home)
    try:
        with store.read() as tx:
            return naming(tx.audit, job_id)
    finally:
        store.close()
