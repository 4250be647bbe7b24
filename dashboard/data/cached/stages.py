"""What the Stages ask. What a stay showed that is over is asked for once, until lines come late.

Stays that rollups answer for are there at once, in lines; their jobs are counted beside the page, as all are.
"""

import time

import streamlit as st

from dashboard.data.cached.counting import TICK_NS, Counting, period_of
from dashboard.data.in_lines import InLines
from dashboard.data.stage_detail import Detail, detail
from dashboard.data.stage_people import People, people_of
from dashboard.data.stages import Figures, ListedStay, figures, listed
from dashboard.data.stay_closely import detail_in_lines
from dashboard.data.stay_rollups import in_lines
from dashboard.server.seat import Seat
from gates.verdict.thresholds import Thresholds
from ingest.evidence import Stay
from ingest.store import TelemetryStore

_COUNTING = Counting(most=512)


def listed_stays(store: TelemetryStore, now_ns: int) -> tuple[ListedStay, ...]:
    """Every stay, newest first, at most ten seconds old. Raises `QueryTimeout` and DuckDB's errors."""
    return _listed(store, str(store.path), now_ns // TICK_NS)


def figures_of(store: TelemetryStore, one: ListedStay, now_ns: int, wait_s: float) -> Figures | None:
    """What a stay showed; null while it is counted for the first time, for which this waits `wait_s` at most.

    Raises `QueryTimeout` and DuckDB's errors.
    """

    def count() -> Figures:
        with store.cursor() as cursor:
            return figures(cursor, one.stay, time.time_ns())

    return _COUNTING.ask(("figures", *_about(store, one)), _version(one, now_ns), count, wait_s)


def in_lines_of(
    store: TelemetryStore, chosen: tuple[ListedStay, ...], now_ns: int
) -> dict[ListedStay, InLines]:
    """What stays showed that rollups answer for, at most ten seconds old.

    Raises `QueryTimeout` and DuckDB's errors.
    """
    if not chosen:
        return {}
    found = _in_lines(store, str(store.path), tuple(one.stay for one in chosen), now_ns // TICK_NS)
    return dict(zip(chosen, found, strict=True))


def detail_of(store: TelemetryStore, one: ListedStay, now_ns: int, wait_s: float) -> Detail | None:
    """A stay closely: by rollups at once, else in the same way as its figures."""
    if one.rolled:
        return _detail_in_lines(store, str(store.path), one.stay, now_ns // TICK_NS)

    def count() -> Detail:
        with store.cursor() as cursor:
            return detail(cursor, one.stay)

    return _COUNTING.ask(("detail", *_about(store, one)), _version(one, now_ns), count, wait_s)


def people_at(seat: Seat, stays: tuple[Stay, ...], now_ns: int) -> tuple[tuple[People, ...], Thresholds]:
    """Who began, signed and left each of `stays`, and the thresholds in force. Raises a `StoreError`."""
    return _people(seat, str(seat.home.root), stays, now_ns // TICK_NS)


def _about(store: TelemetryStore, one: ListedStay) -> tuple[str, str, int, int]:
    return str(store.path), one.stay.history, one.stay.number, one.stay.from_ns


def _version(one: ListedStay, now_ns: int) -> tuple[Stay, int, int]:
    """A stay that is over changes when lines come late; one that goes on is counted anew after a while."""
    if one.stay.to_ns is not None:
        return one.stay, one.lines, 0
    return one.stay, 0, period_of(one.lines, now_ns)


@st.cache_data(max_entries=4, show_spinner=False)
def _listed(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[ListedStay, ...]:
    with _store.cursor() as cursor:
        return listed(cursor)


@st.cache_data(max_entries=8, show_spinner=False)
def _in_lines(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    stays: tuple[Stay, ...],
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> tuple[InLines, ...]:
    with _store.cursor() as cursor:
        return in_lines(cursor, stays)


@st.cache_data(max_entries=8, show_spinner=False)
def _detail_in_lines(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    stay: Stay,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> Detail:
    with _store.cursor() as cursor:
        return detail_in_lines(cursor, stay)


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
