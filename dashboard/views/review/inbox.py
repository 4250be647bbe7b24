"""The inbox: what waits for the reader, what for others and why not for them, what closed lately."""

from collections.abc import Callable
from datetime import UTC

import pandas as pd
import streamlit as st

from dashboard.auth.visitor import short
from dashboard.commands.perform import Deed
from dashboard.data.requests import Closed, Inbox, Waiting
from dashboard.views.command import command
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.review.words import STATES, Here, box, direction, expiry, heading, person, state
from dashboard.views.table import TIME, table
from gates.changes.saying import not_giving
from gates.changes.service import ChangeService
from gates.policy.intent import Actor, Mode
from gates.store.rows import OwedKind, OwedRow

_Why = Callable[[Waiting], str]
DEBTS = {
    OwedKind.REASON: "the reason for a kill",
    OwedKind.RELEASE_REVIEW: "the review of a break-glass release, by somebody else",
}


def lists(found: Inbox, here: Here, *, signed_in: bool) -> str:
    """Everything open, as markup."""
    if not found.waiting:
        return _calm(found)
    parts = [_shadow(found.mode)]
    if signed_in:
        parts += _section("Waits for you", "you may sign these", found.mine, here, _against_signing)
    parts += _section("Approved, ready to apply", "signed; not in force yet", found.ready, here, _to_apply)
    parts += _section("Waits for others", "and why not for you", found.others, here, _why_not_you)
    return "".join(parts)


def owed(found: Inbox, here: Here, reader: Actor | None) -> None:
    """What somebody owes, each with a place to give it."""
    if not found.owed:
        return
    st.html(heading("Owed", "what people who acted alone still have to say"))
    for debt in found.owed:
        st.html(_debt(debt, here))
        key = f"owed-{debt.owed_id}"
        label = "The reason" if debt.kind is OwedKind.REASON else "What you looked at, and what you found"
        st.text_area(label, key=f"{key}-text", height=68, max_chars=4096)
        said = str(st.session_state.get(f"{key}-text") or "")
        command(
            "Give it",
            _giving(debt.owed_id, said),
            key=key,
            name="give owed",
            because_not=_why_not_give(debt, reader),
            roles=None,
        )


def closed(found: Inbox, zone: str) -> None:
    """The newest closed requests as a table with files."""
    if not found.closed:
        return
    frame = closed_frame(found.closed)
    columns = {
        "request": st.column_config.LinkColumn(
            "request", display_text=r"request=(\d+)", width=70, pinned=True
        ),
        "state": st.column_config.Column("state", width=110),
        "change": st.column_config.Column("change", width=320),
        "by": st.column_config.Column("closed by", width=130),
        "closed": st.column_config.DatetimeColumn("closed", format=TIME, timezone=zone, width=150),
        "because": st.column_config.Column("because", width=420),
    }
    table(frame, key="closed", title="Recently closed", note="newest first", columns=columns, most_rows=12)


def closed_frame(rows: tuple[Closed, ...]) -> pd.DataFrame:
    """One row a request."""
    return pd.DataFrame(
        {
            "request": [f"/review?request={one.row.number}" for one in rows],
            "state": [f"{STATES[one.row.state][0]} {STATES[one.row.state][1]}" for one in rows],
            "change": [one.headline.replace("`", "") for one in rows],
            "asked by": [short(one.row.requester) for one in rows],
            "by": [short(one.row.closed_by or "") for one in rows],
            "closed": pd.to_datetime([one.row.closed_at_ns or 0 for one in rows], unit="ns", utc=True),
            "because": [one.row.closed_because or "" for one in rows],
        }
    ).astype({"closed": pd.DatetimeTZDtype("ns", UTC)})


def _calm(found: Inbox) -> str:
    inner = tag("h2", "Nothing waits for a signature") + tag(
        "p",
        "The next legal step is: ",
        tag("b", prose(found.next_step)),
        ". ",
        tag("a", "Go to Controls", href="/controls", target="_self"),
        ", or use ",
        tag("code", "slotgate propose"),
        ". Narrowing and stopping need no request.",
    )
    return tag("div", inner, cls="sg-empty", data_state="inbox-empty", role="status")


def _shadow(mode: Mode) -> str:
    if mode is Mode.ENFORCE:
        return ""
    said = f"Enforcement is {mode.value}: a change goes into force without the signatures that it asks for."
    return tag("p", glyph("▲", "sg-warn"), text(said), cls="sg-r-warning", role="note")


def _section(title: str, note: str, rows: tuple[Waiting, ...], here: Here, why: _Why) -> list[str]:
    if not rows:
        if title != "Waits for you":
            return []
        return [heading(title), tag("p", "No request waits for your signature.", cls="sg-note")]
    return [heading(title, note), *(_card(one, here, why(one)) for one in rows)]


def _card(one: Waiting, here: Here, why: str) -> str:
    link = tag(
        "a",
        prose(f"Request {one.row.number}: {one.asked.headline}"),
        href=f"/review?request={one.row.number}",
        target="_self",
        cls="sg-r-link",
    )
    facts = (
        state(one.row.state),
        tag("span", "asked by ", person(one.row.requester), " ", here.ago(one.row.created_at_ns)),
        expiry(one.expires_ns, here.now_ns),
        tag("span", text(_count(one))),
    )
    parts = "".join(
        tag("span", direction(part.direction), " ", text(part.dimension), cls="sg-r-part")
        for part in one.asked.parts
    )
    inner = (
        tag("div", link, cls="sg-r-title")
        + tag("div", *facts, cls="sg-r-facts")
        + tag("div", parts, cls="sg-r-facts")
        + tag("p", text(one.row.reason), cls="sg-r-reason")
        + why
    )
    return box(inner, "sg-r-card")


def _count(one: Waiting) -> str:
    signed = len(one.signed_by)
    comments = f", {one.comments} comment{'' if one.comments == 1 else 's'}" if one.comments else ""
    return f"{signed} signature{'' if signed == 1 else 's'}{comments}"


def _against_signing(one: Waiting) -> str:
    against = one.prospect.stands_against_signing
    if not against:
        return _line("✓", "sg-ok", "Nothing stands against signing it now.")
    return _line("▲", "sg-warn", f"Signing would meet: {against[0].words}{_more(len(against))}")


def _to_apply(one: Waiting) -> str:
    kept = one.prospect.keeps_from_applying
    if kept:
        return _line("–", "sg-soft", f"Not for you to apply: {kept[0]}")
    against = one.prospect.stands_against_applying
    if not against:
        return _line("✓", "sg-ok", "You may apply it; nothing stands against it now.")
    return _line("▲", "sg-warn", f"Applying would meet: {against[0].words}{_more(len(against))}")


def _why_not_you(one: Waiting) -> str:
    return _line("–", "sg-soft", "; ".join(one.prospect.keeps_from_signing))


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""


def _line(sign: str, cls: str, words: str) -> str:
    return tag("p", glyph(sign, cls), prose(words), cls="sg-r-line")


def _debt(debt: OwedRow, here: Here) -> str:
    due = here.at(debt.due_ns)
    late = tag("b", " overdue", cls="sg-r-late") if here.now_ns > debt.due_ns else ""
    return tag(
        "p",
        text(f"{DEBTS[debt.kind]}, revision {debt.revision}, by "),
        person(debt.operator_id),
        ", due ",
        due,
        late,
        cls="sg-r-owed",
    )


def _why_not_give(debt: OwedRow, reader: Actor | None) -> str | None:
    return "sign in to give it" if reader is None else not_giving(debt, reader)


def _giving(owed_id: int, said: str) -> Deed:
    def give(service: ChangeService, actor: Actor) -> str:
        service.give(actor, owed_id, said)
        return "given; thank you"

    return give
