"""What changed in the last hour, at most ten seconds old: from telemetry and from the record of changes."""

import streamlit as st

from dashboard.data.deeds import of_people, of_verdicts
from dashboard.data.lately import HOUR_NS, Happening, of_telemetry
from dashboard.server.seat import Seat
from ingest.store import TelemetryStore

TICK_NS = 10 * 10**9
MOST_DEEDS = 300


def seen_lately(store: TelemetryStore, now_ns: int) -> tuple[Happening, ...]:
    """What telemetry shows. Raises `QueryTimeout` and DuckDB's errors."""
    return _seen(store, str(store.path), now_ns // TICK_NS)


def done_lately(seat: Seat, now_ns: int) -> tuple[Happening, ...]:
    """What people and the server did, and how the verdict changed. Raises a `StoreError`."""
    return _done(seat, str(seat.home.root), now_ns // TICK_NS)


@st.cache_data(max_entries=4, show_spinner=False)
def _seen(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    tick: int,
) -> tuple[Happening, ...]:
    with _store.cursor() as cursor:
        return of_telemetry(cursor, (tick + 1) * TICK_NS)


@st.cache_data(max_entries=4, show_spinner=False)
def _done(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    tick: int,
) -> tuple[Happening, ...]:
    since_ns = (tick + 1) * TICK_NS - HOUR_NS
    with _seat.to_look() as service:
        deeds, looks = service.deeds_since(since_ns, MOST_DEEDS), service.looks()
    return (*of_people(deeds), *of_verdicts(looks, since_ns))
