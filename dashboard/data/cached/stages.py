"""What the Stages ask. What a stay showed that is over is asked for once, until lines come late."""

from dashboard.data.stage_detail import Detail, detail
from dashboard.data.stage_people import People, people_of
from dashboard.data.stages import Figures, ListedStay, figures, listed
from dashboard.server.seat import Seat
from gates.verdict.thresholds import Thresholds
from ingest.evidence import Stay
from ingest.store import TelemetryStore

import streamlit as st  # isort: skip

TICK_NS = 10 * 10**9
LINES_A_TICK = 1_000_000
MOST_TICKS = 30


def listed_stays(store: TelemetryStore, now_ns: int) -> tuple[ListedStay, ...]:
    """Every stay, newest first, at most ten seconds old. Raises `QueryTimeout` and DuckDB's errors."""
    return _listed(store, str(store.path), now_ns // TICK_NS)


def figures_of(store: TelemetryStore, one: ListedStay, now_ns: int) -> Figures:
    """What a stay showed. Raises `QueryTimeout` and DuckDB's errors."""
    return _figures(store, str(store.path), one.stay, *_state(one, now_ns))


def detail_of(store: TelemetryStore, one: ListedStay, now_ns: int) -> Detail:
    """A stay closely. Raises `QueryTimeout` and DuckDB's errors."""
    return _detail(store, str(store.path), one.stay, *_state(one, now_ns))


def people_at(seat: Seat, stays: tuple[Stay, ...], now_ns: int) -> tuple[tuple[People, ...], Thresholds]:
    """Who began, signed and left each of `stays`, and the thresholds in force. Raises a `StoreError`."""
    return _people(seat, str(seat.home.root), stays, now_ns // TICK_NS)


def _state(one: ListedStay, now_ns: int) -> tuple[int, int]:
    """A stay that is over changes when lines come late; one that goes on is asked anew after a while.

    That while is ten seconds for each million lines, up to five minutes: dear figures are kept longer.
    """
    if one.stay.to_ns is not None:
        return one.lines, 0
    tick = TICK_NS * min(MOST_TICKS, 1 + one.lines // LINES_A_TICK)
    return 0, (now_ns // tick + 1) * tick


@st.cache_data(max_entries=4, show_spinner=False)
def _listed(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[ListedStay, ...]:
    with _store.cursor() as cursor:
        return listed(cursor)


@st.cache_data(max_entries=512, show_spinner=False)
def _figures(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    stay: Stay,
    lines: int,  # noqa: ARG001 - stands for what is in it
    tick_ends_ns: int,  # noqa: ARG001 - the same, while lines come in
) -> Figures:
    import time

    with _store.cursor() as cursor:
        return figures(cursor, stay, time.time_ns())


@st.cache_data(max_entries=64, show_spinner=False)
def _detail(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    stay: Stay,
    lines: int,  # noqa: ARG001 - stands for what is in it
    tick_ends_ns: int,  # noqa: ARG001 - the same, while lines come in
) -> Detail:
    with _store.cursor() as cursor:
        return detail(cursor, stay)


@st.cache_data(max_entries=4, show_spinner=False)
def _people(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    stays: tuple[Stay, ...],
    tick: int,  # noqa: ARG001 - stands for what is in the store
) -> tuple[tuple[People, ...], Thresholds]:
    with _seat.to_look() as service:
        story, looks, thresholds = service.story(), service.looks(), service.thresholds()
    return tuple(people_of(stay, story, looks) for stay in stays), thresholds
