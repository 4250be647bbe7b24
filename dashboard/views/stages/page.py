"""Stages: where the rollout has been, what each stay showed, and who let it go on."""

import time
from datetime import tzinfo

import duckdb
import streamlit as st

from dashboard.data import format as words
from dashboard.data.cached.stages import figures_of, in_lines_of, listed_stays, people_at
from dashboard.data.in_lines import InLines
from dashboard.data.stage_people import People
from dashboard.data.stages import Figures, ListedStay, bounded
from dashboard.errors import QueryTimeout
from dashboard.server import seat
from dashboard.views.live import Moment, live, pause_toggle, readers_zone
from dashboard.views.stages import closely, compared, usage
from dashboard.views.stages.choice import choose
from dashboard.views.stages.files import plain
from dashboard.views.stages.rows import Row, stays_table
from dashboard.views.states import failed_query, failed_store, no_stays
from dashboard.views.table import exports, heading
from gates.errors import HomeError, StoreError
from gates.verdict.defaults import DEFAULT
from gates.verdict.thresholds import Thresholds

NEWEST = 20
PATIENCE_SECONDS = 1.5
"""A refresh waits so long for what is counted beside it; the rest follows with the next one."""


def render() -> None:
    """Draw the page: the head, the pickers once; what they choose and the table refresh themselves."""
    head = st.container()
    zone = readers_zone()
    listing = _listing(time.time_ns())
    with st.container(key="stages-pickers", horizontal=True, vertical_alignment="center"):
        this, other = choose(listing or (), zone)
        everything = st.toggle("All stays", key="stages-all") if len(listing or ()) > NEWEST else False
        paused = pause_toggle()
    names = (this.name if this else None, other.name if other else None)
    live(lambda moment: _body(names, moment, everything=bool(everything)), paused=paused, head=head)


def _body(names: tuple[str | None, str | None], moment: Moment, *, everything: bool) -> None:
    listing = _listing(moment.now_ns)
    if listing is None:
        return
    if not listing:
        st.html(no_stays(seat.taken().home.root))
        return
    people, thresholds, missing = _people(listing, moment.now_ns)
    if missing is not None:
        st.html(missing)
    shown = listing if everything else listing[:NEWEST]
    chosen = tuple(one for one in listing if one.name in names)
    rows = _rows(tuple(dict.fromkeys((*chosen, *shown))), people, thresholds, moment.now_ns)
    by_name = {row.one.name: row for row in rows}
    this, other = (by_name.get(name or "") for name in names)
    if this is not None and other is not None:
        compared.draw(this, other, moment)
    elif this is not None:
        closely.draw(this, moment, thresholds)
    _table([by_name[one.name] for one in shown], len(listing), thresholds, moment.now_ns, moment.zone)
    usage.draw(shown, moment.now_ns)


def _table(rows: list[Row], of: int, thresholds: Thresholds, now_ns: int, zone: tzinfo) -> None:
    counted = [row.figures.asked_ns for row in rows if row.figures is not None and row.live is not None]
    age = f" {max(0, (now_ns - min(counted)) // 10**9)} s ago" if counted else ""
    cut = "" if len(rows) == of else f"the newest {len(rows)} of {of}; "
    heading(
        "Every stay on a step",
        f"{cut}newest first; managed lines without probes, as the verdict counts them; failures are jobs, "
        f"with the verdict's anytime bounds (at least: alpha {thresholds.fail_alpha:g}, at most: alpha "
        f"{thresholds.pass_alpha:g}); the stay that goes on was counted{age or ' just now'}",
    )
    st.html(stays_table(rows, now_ns, zone))
    exports(plain(rows), key="stages-rows", name="Stays")


def _listing(now_ns: int) -> tuple[ListedStay, ...] | None:
    try:
        return listed_stays(seat.taken().store, now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return None


def _people(listing: tuple[ListedStay, ...], now_ns: int) -> tuple[dict[str, People], Thresholds, str | None]:
    """By the stay's name; stays under a history that was brought in have nobody here."""
    own = [one for one in listing if one.of_home]
    try:
        people, thresholds = people_at(seat.taken(), tuple(one.stay for one in own), now_ns)
    except (StoreError, HomeError) as error:
        return {}, DEFAULT, failed_store(error)
    return {one.name: found for one, found in zip(own, people, strict=True)}, thresholds, None


def _rows(
    listing: tuple[ListedStay, ...], people: dict[str, People], thresholds: Thresholds, now_ns: int
) -> list[Row]:
    reviewed = seat.taken().watch.watched.reviewed
    rolled, until = _rolled(listing, now_ns), time.monotonic() + PATIENCE_SECONDS
    rows = []
    for one in listing:
        # What rollups say is there already: nobody waits for the jobs.
        figures, why_not = _figures(one, now_ns, 0.0 if one in rolled else until - time.monotonic())
        window = None if figures is None else figures.window
        is_live = (
            one.of_home
            and one.stay.to_ns is None
            and reviewed is not None
            and reviewed.question.revision in one.stay.revisions
        )
        rows.append(
            Row(
                one=one,
                figures=figures,
                lines=rolled.get(one) if figures is None else figures.in_lines,
                failures=None if window is None else bounded(window.failed, window.units, thresholds),
                why_not=why_not,
                people=people.get(one.name),
                live=reviewed.verdict.word if is_live and reviewed is not None else None,
                live_revision=reviewed.question.revision if is_live and reviewed is not None else None,
            )
        )
    return rows


def _rolled(listing: tuple[ListedStay, ...], now_ns: int) -> dict[ListedStay, InLines]:
    """What rollups say of the stays that they answer for; what they cannot is counted like the others."""
    try:
        return in_lines_of(seat.taken().store, tuple(one for one in listing if one.rolled), now_ns)
    except (QueryTimeout, duckdb.Error) as error:
        st.html(failed_query(error))
        return {}


def _figures(one: ListedStay, now_ns: int, wait_s: float) -> tuple[Figures | None, str | None]:
    if one.gone_before_ns is not None:
        return None, f"jobs not known: single lines are kept since {words.utc(one.gone_before_ns)[:10]}"
    try:
        return figures_of(seat.taken().store, one, now_ns, wait_s), None
    except QueryTimeout:
        return None, f"not counted: {one.lines:,} lines took too long"
    except duckdb.Error as error:
        return None, f"not counted: {error}"
