"""Sign a statement, or take one back. Each says what its author saw: a stale page does nothing."""

import time
from functools import partial

import streamlit as st

from dashboard.auth.visitor import Visitor
from dashboard.data.beta import standing
from dashboard.data.cached.beta import forget
from dashboard.views.address import from_address, into_address
from dashboard.views.command import command
from dashboard.views.table import heading
from gates.beta.checklist import Checklist
from gates.beta.items import BY_ID, ITEMS, Item
from gates.changes.saying import SAYING_ROLES
from gates.changes.service import ChangeService
from gates.errors import InvalidChange
from gates.policy.intent import Actor
from gates.store.review_rows import StatementRow
from schemas.instant import SECOND

_SIGNED = [item.item_id for item in ITEMS if item.is_signed]
_DAY_NS = 24 * 3600 * SECOND
MOVED = "somebody signed or withdrew this item since the page was drawn; look at it again"


def forms(found: Checklist, statements: tuple[StatementRow, ...], visitor: Visitor | None) -> None:
    """One item at a time; it is in the address, so that one can send a colleague there."""
    heading("Sign or withdraw", "what is computed from evidence cannot be signed")
    from_address("item", _SIGNED, _SIGNED[0])
    chosen = st.selectbox(
        "Item",
        _SIGNED,
        key="item",
        format_func=lambda name: f"{BY_ID[name].title} ({name})",
        on_change=into_address,
        args=("item", _SIGNED[0]),
    )
    item = BY_ID[str(chosen)]
    now = standing(statements, item.item_id)
    # The run of a click reads anew; what counts is what was drawn before it.
    drawn = f"beta-drawn-{item.item_id}"
    seen = st.session_state.get(drawn, now)
    st.session_state[drawn] = now
    state = next(one.state for one in found.results if one.item.item_id == item.item_id)
    barred = _barred(visitor)
    with st.container(key="beta-forms", horizontal=True, gap="large"):
        with st.container(key="beta-sign"):
            _sign(item, seen, barred)
        with st.container(key="beta-withdraw"):
            nothing = None if seen else f"nothing is signed: it is {state.value}"
            _withdraw(item, seen, barred or nothing)


def _sign(item: Item, seen: tuple[int, ...], barred: str | None) -> None:
    key = f"beta-sign-{item.item_id}"
    link = st.text_input(
        "Link to what shows it", key=f"{key}-link", placeholder="https://… or ADR-7", max_chars=4096
    )
    said = st.text_area("What you looked at", key=f"{key}-text", height=80, max_chars=4096)
    most = item.valid_days or 1
    days = st.number_input(
        f"Days it stands (at most {most})", min_value=1, max_value=most, value=most, key=f"{key}-days"
    )
    missing = None if link.strip() and said.strip() else "give a link, and say what you looked at"
    command(
        "Sign",
        partial(_signed, item, seen, link.strip(), said.strip(), int(days)),
        key=key,
        name="sign statement",
        primary=True,
        because_not=barred or missing,
    )


def _withdraw(item: Item, seen: tuple[int, ...], barred: str | None) -> None:
    key = f"beta-withdraw-{item.item_id}"
    reason = st.text_area("Why it no longer holds", key=f"{key}-reason", height=80, max_chars=4096)
    command(
        "Withdraw every signature of it",
        partial(_withdrawn, item, seen, reason.strip()),
        key=key,
        name="withdraw statement",
        because_not=barred or (None if reason.strip() else "say why"),
    )


def _signed(
    item: Item, seen: tuple[int, ...], link: str, said: str, days: int, service: ChangeService, actor: Actor
) -> str:
    _require_unmoved(service, item, seen)
    until = None if days == item.valid_days else time.time_ns() + days * _DAY_NS
    number = service.sign_statement(actor, item.item_id, link, said, expires_ns=until)
    forget()
    return f"statement {number}: you signed `{item.item_id}` for {days} days"


def _withdrawn(item: Item, seen: tuple[int, ...], reason: str, service: ChangeService, actor: Actor) -> str:
    _require_unmoved(service, item, seen)
    count = service.withdraw_statement(actor, item.item_id, reason)
    forget()
    return f"{count} withdrawn: `{item.item_id}` is open again"


def _require_unmoved(service: ChangeService, item: Item, seen: tuple[int, ...]) -> None:
    if standing(service.statements(), item.item_id) != seen:
        raise InvalidChange(MOVED)


def _barred(visitor: Visitor | None) -> str | None:
    if visitor is None:
        return "nobody is signed in"
    if not visitor.roles & SAYING_ROLES:
        return "you may look: to sign takes the role oncall, engineering_owner or approver"
    return None
