"""What the Review page asks, each at most a tick old.

`since` is how long the audit chain was when the page's script ran: every command makes it longer, so what
was drawn before one is never shown after it.
"""

import streamlit as st

from dashboard.data import review
from dashboard.data.requests import Inbox, Reach, Sheet, no_reach
from dashboard.review.missed import Missed, missed
from dashboard.review.provider import TelemetryEvidence
from dashboard.server.seat import Seat
from gates.changes.service import ChangeService
from gates.errors import GateError
from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Actor, Role

TICK_NS = 2 * 10**9
LONG_TICK_NS = 20 * 10**9


def inbox_of(seat: Seat, actor: Actor | None, since: int, now_ns: int) -> Inbox:
    """What waits, at most two seconds old. Raises `GateError`."""
    who, roles = _who(actor)
    live = seen(seat)
    return _inbox(seat, str(seat.home.root), who, roles, live, _key(live), since, now_ns // TICK_NS)


def sheet_of(seat: Seat, actor: Actor | None, number: int, since: int, now_ns: int) -> Sheet:
    """One request, at most two seconds old. Raises `GateError`."""
    who, roles = _who(actor)
    live = seen(seat)
    return _sheet(seat, str(seat.home.root), who, roles, number, live, _key(live), since, now_ns // TICK_NS)


def sheet_now(seat: Seat, actor: Actor | None, number: int) -> Sheet:
    """One request as it stands. Raises `GateError`."""
    return review.sheet(seat.to_look, actor, number, seen(seat), lambda service: _look(seat, service))


def reach_of(seat: Seat, number: int, content_digest: str, revision: int, now_ns: int) -> Reach:
    """Whom a request reaches, at most 20 s old: it goes over every job of a day. Never raises."""
    try:
        return _reach(seat, str(seat.home.root), number, content_digest, revision, now_ns // LONG_TICK_NS)
    except GateError as error:
        return no_reach(str(error))


def missed_of(seat: Seat, now_ns: int) -> Missed:
    """What went unread of the stay that the server's watch saw last, at most 20 s old. Never raises."""
    reviewed = seat.watch.watched.reviewed
    from_ns = None if reviewed is None else reviewed.evidence.from_ns
    return _missed(seat, str(seat.home.root), from_ns, now_ns // LONG_TICK_NS)


def seen(seat: Seat) -> ReviewEvidence | None:
    """The evidence that the server's watch saw last; null where there is none, or no newer one can be had."""
    watched = seat.watch.watched
    return None if watched.reviewed is None or watched.failure is not None else watched.reviewed.kept


def _look(seat: Seat, service: ChangeService) -> ReviewEvidence:
    return TelemetryEvidence(seat.telemetry).evidence(service.question())


def _who(actor: Actor | None) -> tuple[str | None, tuple[str, ...]]:
    return (None, ()) if actor is None else (actor.actor_id, tuple(sorted(actor.roles)))


def _actor(who: str | None, roles: tuple[str, ...]) -> Actor | None:
    return None if who is None else Actor(who, frozenset(map(Role, roles)))


def _key(evidence: ReviewEvidence | None) -> str:
    """Equal only for evidence that is judged alike and reads alike."""
    if evidence is None:
        return ""
    return f"{evidence.revision} {evidence.verdict} {evidence.verification} {evidence.digest}"


@st.cache_data(max_entries=16, show_spinner=False)
def _inbox(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    who: str | None,
    roles: tuple[str, ...],
    _live: ReviewEvidence | None,
    live: str,  # noqa: ARG001 - stands for the evidence in the key
    since: int,  # noqa: ARG001 - stands for what people did
    tick: int,  # noqa: ARG001 - stands for the time
) -> Inbox:
    return review.inbox(_seat.to_look, _actor(who, roles), _live)


@st.cache_data(max_entries=16, show_spinner=False)
def _sheet(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    who: str | None,
    roles: tuple[str, ...],
    number: int,
    _live: ReviewEvidence | None,
    live: str,  # noqa: ARG001 - stands for the evidence in the key
    since: int,  # noqa: ARG001 - stands for what people did
    tick: int,  # noqa: ARG001 - stands for the time
) -> Sheet:
    return review.sheet(
        _seat.to_look, _actor(who, roles), number, _live, lambda service: _look(_seat, service)
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _reach(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    number: int,
    content_digest: str,  # noqa: ARG001 - stands for what is asked for
    revision: int,  # noqa: ARG001 - stands for the controls in force
    tick: int,  # noqa: ARG001 - stands for the telemetry
) -> Reach:
    return review.whom_it_reaches(_seat.to_look, number)


@st.cache_data(max_entries=4, show_spinner=False)
def _missed(
    _seat: Seat,
    home: str,  # noqa: ARG001 - stands for the seat in the key
    from_ns: int | None,
    tick: int,  # noqa: ARG001 - stands for the telemetry
) -> Missed:
    return missed(_seat.telemetry, from_ns)
