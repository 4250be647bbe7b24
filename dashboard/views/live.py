"""The live part of a page: the head that every page shares, and the page's own body, every two seconds.

A page has one of these. Inputs stand outside of it, so that a refresh takes no half-typed word away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data.cached.standing import last_line_ns
from dashboard.data.controls_file import read_strip
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.budget import budget_line
from dashboard.views.freshness import freshness
from dashboard.views.strip import control_strip
from dashboard.views.verdict import verdict_line
from dashboard.views.why import why

REFRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Moment:
    """When and for whom something is drawn. `paused`: nothing follows by itself."""

    now_ns: int
    zone: tzinfo
    paused: bool


def pause_toggle() -> bool:
    """Whether the reader wants the page to stand still."""
    return st.toggle("Pause", key="paused", help="Stop refreshing every two seconds", persist_state="session")


def live(body: Callable[[Moment], None], *, paused: bool, head: DeltaGenerator | None = None) -> None:
    """Draw the head and `body`, now and, unless `paused`, every two seconds.

    The head comes first and asks almost nothing: the state of the controls waits for no query. It goes
    into the container `head` where a page draws its inputs before it has them.
    """
    head = (head or st).container(key="strip", gap=None)

    def once() -> None:
        moment = Moment(time.time_ns(), readers_zone(), paused)
        place = seat.taken()
        controls = read_strip(place.controls, place.home.control_file)
        head.html(control_strip(controls, moment.now_ns, moment.zone))
        head.html(verdict_line(place.watch.watched, controls.revision, moment.now_ns, moment.zone))
        why(head, place.watch.watched)
        spent = budget_line(None if place.budget is None else place.budget.guarded, moment.zone)
        if spent:
            head.html(spent)
        head.html(
            freshness(
                _last_line(),
                place.loader.status,
                moment.now_ns,
                time.monotonic(),
                moment.zone,
                paused=paused,
            )
        )
        body(moment)

    st.fragment(once, run_every=None if paused else REFRESH_SECONDS)()


def readers_zone() -> tzinfo:
    """Where the reader's clock is, UTC where that is not known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _last_line() -> int | None:
    place = seat.taken()
    try:
        return last_line_ns(place.store, place.loader.status.generation)
    except (QueryTimeout, duckdb.Error):
        return None  # the body's own query says what is wrong
