"""Usage by stay, counted beside the pages, and the price table that it is estimated by."""

import streamlit as st

from dashboard.data.cached.counting import TICK_NS, Counting, period_of
from dashboard.data.stage_usage import UsageOfIntervals, usage_of_intervals
from dashboard.server.seat import Seat
from gates.spending.prices import PriceTable
from ingest.store import TelemetryStore

_COUNTING = Counting(most=2)


def usage_at(store: TelemetryStore, lines: int, now_ns: int, wait_s: float) -> UsageOfIntervals | None:
    """Of all intervals, the older the more `lines` there are; null while it is counted for the first time.

    Raises `QueryTimeout` and DuckDB's errors.
    """

    def count() -> UsageOfIntervals:
        with store.cursor() as cursor:
            return usage_of_intervals(cursor)

    return _COUNTING.ask(("usage", str(store.path)), period_of(lines, now_ns), count, wait_s)


def price_table_at(seat: Seat, now_ns: int) -> PriceTable | None:
    """The price table in force, null where none is set. Raises a `StoreError`."""
    return _price_table(seat, str(seat.home.root), now_ns // TICK_NS)


@st.cache_data(max_entries=2, show_spinner=False)
def _price_table(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    tick: int,  # noqa: ARG001 - stands for what is in the store
) -> PriceTable | None:
    with _seat.to_look() as service:
        return service.spending().prices
