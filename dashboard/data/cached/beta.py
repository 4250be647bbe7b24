"""The lists of a served home, at most five seconds old; the audit chain in them at most a minute."""

from dataclasses import dataclass

import streamlit as st

from dashboard.beta.of_home import HomeBeta, chain_of
from dashboard.cli.store import store_of
from dashboard.data.audit_verifying import Verifying
from dashboard.data.cached.audit import verifying_of
from dashboard.review.provider import Reviewed
from dashboard.server.seat import Seat
from dashboard.server.watch import Watched
from gates.beta.checklist import Checklist
from gates.beta.facts import Chain
from gates.store.audit.keeper import known_heads
from gates.store.audit.verify import verify
from gates.store.review_rows import StatementRow

TICK_NS = 5 * 10**9
CHAIN_TICK_NS = 60 * 10**9
MOST_VERIFIED_HERE = 20_000
"""A longer chain is verified in the background only, from the page Audit log."""


@dataclass(frozen=True, slots=True)
class BetaView:
    """The lists, every statement ever signed, and which revision they are about."""

    found: Checklist
    statements: tuple[StatementRow, ...]
    revision: int


def beta_view(place: Seat, now_ns: int) -> BetaView:
    """What stands now. Raises a `StoreError`, and `UnknownEntry` before the first revision."""
    watched = place.watch.watched
    seen = 0 if watched.reviewed is None else watched.reviewed.question.now_ns
    return _view(place, str(place.home.root), watched, seen, str(watched.failure), now_ns // TICK_NS)


def forget() -> None:
    """Look anew at once: somebody signed or withdrew."""
    _view.clear()


@st.cache_data(max_entries=4, show_spinner=False)
def _view(
    _place: Seat,
    root: str,
    _watched: Watched,
    seen: int,  # noqa: ARG001 - stands for the review in the key
    failure: str,  # noqa: ARG001 - the same
    tick: int,
) -> BetaView:
    chain = _chain(_place, root, tick * TICK_NS // CHAIN_TICK_NS)
    with _place.to_look() as service:
        question, statements = service.question(), service.statements()
    store = store_of(_place.home)
    try:
        beta = HomeBeta(_place.home, store)
        why = _unseen(_watched, question.revision)
        reviewed = _watched.reviewed
        if why is not None or reviewed is None:
            found = beta.unseen(question, why or "the first look follows in some seconds", chain)
        else:
            found = _seen(beta, reviewed, chain)
        return BetaView(found, statements, question.revision)
    finally:
        store.close()


def _seen(beta: HomeBeta, reviewed: Reviewed, chain: Chain) -> Checklist:
    return beta.seen(reviewed.question, reviewed.evidence, reviewed.verdict, chain)


def _unseen(watched: Watched, revision: int) -> str | None:
    """Why what was seen last is not of now."""
    if watched.failure is not None:
        return watched.failure
    if watched.reviewed is None:
        return "the first look follows in some seconds"
    if watched.reviewed.question.revision != revision:
        return f"the look at revision {revision} follows in some seconds"
    return None


@st.cache_data(max_entries=4, show_spinner=False)
def _chain(_place: Seat, root: str, tick: int) -> Chain:  # noqa: ARG001 - the tick stands for what is in it
    verifying: Verifying = verifying_of(_place.home, root)
    last = verifying.state.last
    store = store_of(_place.home)
    try:
        with store.read() as tx:
            tail = tx.audit.tail()
            if tail is None or tail.seq <= MOST_VERIFIED_HERE:
                return chain_of(verify(tx.audit.iterate(), known_heads(tx)))
    finally:
        store.close()
    if last is not None:
        return chain_of(last.found)
    return Chain(records=0, broken=f"{tail.seq:,} records, not verified yet: do so on the page Audit log")
