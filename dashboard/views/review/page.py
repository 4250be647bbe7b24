"""Review & sign-off: the inbox, or with `?request=N` one request with everything it rests on."""

import time
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.data.cached.review import inbox_of, missed_of, reach_of, sheet_now, sheet_of
from dashboard.data.requests import Sheet
from dashboard.server import seat
from dashboard.views.live import Moment, live, pause_toggle, readers_zone
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.reader import reader
from dashboard.views.review import actions, inbox, request, standing
from dashboard.views.review.missing import missing
from dashboard.views.review.words import Here
from gates.changes.content import CONTROLS
from gates.errors import GateError, UnknownEntry
from gates.policy.intent import Actor

_LONGEST = 9


def render() -> None:
    """Draw the page that the address asks for."""
    visitor = reader()
    actor = None if visitor is None else visitor.actor
    asked = str(st.query_params.get("request") or "")
    head = st.container()
    with st.container(key="review-pickers", horizontal=True, vertical_alignment="center"):
        if asked:
            st.html(tag("p", tag("a", "‹ All requests", href="/review", target="_self"), cls="sg-r-back"))
        paused = pause_toggle()
    if not asked:
        _inbox(actor, paused=paused, head=head)
    elif asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST:
        _request(int(asked), actor, paused=paused, head=head)
    else:
        live(_only(_unknown("that is no number of a request")), paused=paused, head=head)


def _inbox(actor: Actor | None, *, paused: bool, head: DeltaGenerator) -> None:
    since = _since()

    def body(moment: Moment) -> None:
        here = Here(moment.now_ns, moment.zone)
        try:
            found = inbox_of(seat.taken(), actor, since, moment.now_ns)
        except GateError as error:
            st.html(_unreadable(error))
            return
        unread = missing(missed_of(seat.taken(), moment.now_ns), here) if found.waiting else ""
        st.html(unread + inbox.lists(found, here, signed_in=actor is not None))

    live(body, paused=paused, head=head)
    try:
        found = inbox_of(seat.taken(), actor, since, time.time_ns())
    except GateError:
        return  # the live part says so
    inbox.owed(found, Here(time.time_ns(), readers_zone()), actor)
    inbox.closed(found, st.context.timezone or "UTC")


def _request(number: int, actor: Actor | None, *, paused: bool, head: DeltaGenerator) -> None:
    try:
        seen = sheet_now(seat.taken(), actor, number)
    except (GateError, LookupError) as error:
        shown = _unknown(str(error)) if isinstance(error, UnknownEntry) else _unreadable(error)
        live(_only(shown), paused=paused, head=head)
        return
    shown = actions.shown_digest(seen)
    left, right = st.columns([2.3, 1], gap="large")
    with left:
        live(lambda moment: _body(seen, shown, actor, moment), paused=paused, head=head)
    with right, st.container(key="decide"):
        actions.draw(seen, actor)


def _body(seen: Sheet, shown: str, actor: Actor | None, moment: Moment) -> None:
    place, here = seat.taken(), Here(moment.now_ns, moment.zone)
    number = seen.file.row.number
    try:
        sheet = sheet_of(place, actor, number, seen.file.chain_size, moment.now_ns)
    except GateError as error:
        st.html(_unreadable(error))
        return
    row = sheet.file.row
    parts = [
        _moved_on(seen, sheet, shown),
        request.top(sheet, here),
        request.change(sheet.asked),
        request.why(row),
    ]
    if sheet.is_open and row.kind == CONTROLS:
        found = reach_of(place, number, row.content_digest, sheet.file.newest.revision, moment.now_ns)
        parts.append(request.blast(found, here))
    parts += [
        request.evidence(sheet, missed_of(place, moment.now_ns), here),
        standing.rules(sheet),
        standing.signatures(sheet, here),
        standing.comments(sheet, here),
        standing.timeline(sheet, here),
    ]
    st.html("".join(parts))


def _moved_on(seen: Sheet, sheet: Sheet, shown: str) -> str:
    """What the buttons beside were drawn for is not what stands any more."""
    row, before = sheet.file.row, seen.file.row
    edited = row.content_digest != shown
    if sheet.mark == seen.mark and not edited:
        return ""
    if edited:
        said = "This request was edited since you opened it. The buttons beside are for what you saw. "
    elif row.state is not before.state:
        said = f"This request is {row.state.value.replace('_', ' ')} since you opened it. "
    else:
        said = "What you may do with it has changed since you opened it. "
    again = tag("a", "Show it as it stands", href=f"/review?request={row.number}", target="_self")
    return tag("p", glyph("▲", "sg-warn"), tag("b", text(said)), again, cls="sg-r-warning", role="alert")


def _only(markup: str) -> Callable[[Moment], None]:
    def body(_moment: Moment) -> None:
        st.html(markup)

    return body


def _since() -> int:
    try:
        with seat.taken().to_look() as service:
            return service.audit_size()
    except GateError:
        return -1


def _unknown(why: str) -> str:
    inner = tag("h2", "No such request") + tag(
        "p", prose(why), ". ", tag("a", "All requests", href="/review", target="_self")
    )
    return tag("div", inner, cls="sg-empty", data_state="no-request", role="status")


def _unreadable(error: Exception) -> str:
    inner = tag("h2", "The requests cannot be read") + tag(
        "p",
        prose(str(error)),
        ". Nothing can be signed or applied meanwhile. Stopping works all the same, and so does ",
        tag("code", "slotgate kill"),
        ". The page tries again by itself.",
    )
    return tag("div", inner, cls="sg-empty", data_state="failed", role="alert")
