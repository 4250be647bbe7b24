"""The table of records, newest first, and the way to older ones."""

from datetime import tzinfo
from typing import Any
from urllib.parse import quote

from dashboard.auth.visitor import short
from dashboard.data import format as words
from dashboard.data.audit import AuditPage, is_refusal
from dashboard.views.audit.choosing import Choice
from dashboard.views.markup import card_row, glyph, moment, table_box, tag, text, titled
from dashboard.views.prose import prose
from schemas.instant import epoch_ns

_HEADS = ("number", "when", "who", "action", "on", "outcome", "reason", "request")
_LONGEST = 160


def records_table(found: AuditPage, zone: tzinfo) -> str:
    """Every record links to itself in full."""
    head = tag("tr", *(tag("th", text(name), scope="col") for name in _HEADS))
    body = [_row(value, zone) for value in found.records]
    if not body:
        said = "No record fits. Choose less, or a longer time."
        body = [tag("tr", tag("td", said, colspan=len(_HEADS)))]
    title = titled("Records", f"newest first; the chain holds {words.count(found.newest)}")
    label = "Audit records"
    return title + table_box(tag("thead", head), tag("tbody", *body), label=label, cls="sg-audit sg-cards")


def turning(found: AuditPage, choice: Choice) -> str:
    """Links to the newest and to older records, and how far was looked."""
    parts = []
    if choice.below is not None:
        parts.append(tag("a", "Newest records", href=choice.address(None), target="_self"))
    if found.older_below is not None:
        label = "Look further back" if found.cut_short else "Older records"
        parts.append(tag("a", label, href=choice.address(found.older_below), target="_self"))
    if found.cut_short:
        said = (
            f"looked through {words.count(found.looked)} records, back to number {found.older_below}, "
            "in the time a page may take"
        )
        parts.append(tag("span", glyph("▲", "sg-warn"), text(said), cls="sg-note"))
    elif found.older_below is None:
        parts.append(tag("span", "this reaches back as far as was asked for", cls="sg-note"))
    return tag("nav", *parts, cls="sg-turning", aria_label="Pages of the audit log")


def no_records() -> str:
    """A store without a single record."""
    said = "Nothing has been recorded in this home yet."
    return tag("div", tag("h2", "No records yet"), tag("p", said), cls="sg-empty", role="status")


def when(value: dict[str, Any], name: str, zone: tzinfo) -> str:
    """A time of a record as markup."""
    at_ns = epoch_ns(str(value.get(name)))
    if at_ns is None:
        return text(value.get(name) or "–")
    return moment(words.instant(at_ns, zone), words.utc(at_ns))


def outcome(value: dict[str, Any]) -> str:
    """How it ended, with the reason codes."""
    judged = value.get("outcome")
    if is_refusal(value):
        word = glyph("✕", "sg-failed") + text(judged or "refused")
    elif judged == "WOULD_BLOCK":
        word = glyph("▲", "sg-warn") + text(judged)
    else:
        word = text(judged or "–")
    codes = value.get("reason_codes") or []
    links = " ".join(code_link(str(code)) for code in codes) if isinstance(codes, list) else ""
    return f"{word} {links}".strip()


def code_link(code: str) -> str:
    """A reason code, and what the runbook says of it."""
    return tag("a", tag("code", text(code)), href=f"/runbook?topic={quote(code, safe='')}", target="_self")


def request_link(value: dict[str, Any]) -> str:
    """The change request that a record belongs to."""
    number = value.get("request_id")
    if number is None:
        return "–"
    return tag("a", text(f"#{number}"), href=f"/review?request={quote(str(number), safe='')}", target="_self")


def _row(value: dict[str, Any], zone: tzinfo) -> str:
    seq = str(value.get("seq"))
    late = tag("small", "late", cls="sg-flag", title=f"recorded {value.get('recorded_at')}")
    reason = str(value.get("reason") or "")
    shown = reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"
    return card_row(
        _HEADS,
        tag("td", tag("a", text(seq), href=f"/audit?seq={quote(seq, safe='')}", target="_self")),
        tag("td", when(value, "time", zone), late if value.get("late") else ""),
        tag("td", text(short(str(value.get("actor")))), title=str(value.get("actor"))),
        tag("td", text(value.get("action"))),
        tag("td", prose(str(value.get("target") or ""))),
        tag("td", outcome(value)),
        tag("td", text(shown), cls="sg-said"),
        tag("td", request_link(value)),
    )
