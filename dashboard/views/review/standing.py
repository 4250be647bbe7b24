"""What the rules say now, who signed, what people said, what happened: the second half of a request."""

from dashboard.data import format as words
from dashboard.data.requests import Sheet, blocked
from dashboard.record.document import signs
from dashboard.record.history import Event, history
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.review.words import Here, grid, heading, person
from gates.changes.rehearsing import Rehearsal
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome


def rules(sheet: Sheet) -> str:
    """What would be answered to the reader, asked without doing it."""
    if not sheet.is_open:
        return ""
    title = heading("What the rules say now", "asked for you, recorded nowhere")
    prospect = sheet.prospect
    if prospect.failed is not None:
        return title + tag("p", glyph("?", "sg-warn"), prose(prospect.failed), cls="sg-r-line")
    if prospect.sign is None or prospect.apply is None:
        return title + tag("p", "Sign in to see what they would say to you.", cls="sg-note")
    counts = prospect.not_counting
    note = (
        ""
        if counts is None
        else tag(
            "p",
            glyph("▲", "sg-warn"),
            text(f"A signature of yours would not count: {counts}"),
            cls="sg-r-line",
        )
    )
    return (
        title + _answer("If you sign it", prospect.sign) + note + _answer("If you apply it", prospect.apply)
    )


def _answer(name: str, found: Rehearsal) -> str:
    decision = found.decision
    sign, cls, word = _outcome(decision.outcome, found.mode)
    head = tag("p", glyph(sign, cls), tag("b", text(f"{name}: ")), text(word), cls="sg-r-line")
    items = "".join(
        tag(
            "li",
            tag("code", text(one.code.value)),
            " ",
            prose(one.words),
            tag("small", text(f" {one.source}")),
        )
        for one in decision.findings
    )
    following = (
        tag("p", tag("b", "Next legal step: "), prose(decision.next_step), cls="sg-note")
        if blocked(found)
        else ""
    )
    return tag("div", head, tag("ul", items) if items else "", following, cls="sg-r-answer")


def _outcome(outcome: Outcome, mode: Mode) -> tuple[str, str, str]:
    match outcome:
        case Outcome.ALLOWED:
            return "✓", "sg-ok", "allowed"
        case Outcome.BLOCKED:
            return "✕", "sg-failed", "blocked"
        case Outcome.WOULD_BLOCK:
            return (
                "▲",
                "sg-warn",
                f"goes on, because enforcement is {mode.value}; under enforce it would be blocked",
            )
        case Outcome.UNCHECKED:
            return "?", "sg-warn", "goes on unchecked, because enforcement is off"


def signatures(sheet: Sheet, here: Here) -> str:
    """Who signed which content."""
    found, row = sheet.file.approvals, sheet.file.row
    title = heading("Signatures")
    if not found:
        return title + tag("p", "Nobody has signed it.", cls="sg-note")
    rows = [
        (
            person(one.approver_id),
            here.at(one.at_ns),
            _binds(signs(one, row)),
            tag("code", text(_short(one.content_digest)), title=one.content_digest),
            tag("code", text(_short(one.evidence_digest)), title=one.evidence_digest),
        )
        for one in found
    ]
    return title + grid(("by", "when", "for", "content", "evidence"), rows, "Who signed, and what")


def _binds(holds: bool) -> str:
    if holds:
        return tag("span", glyph("✓", "sg-ok"), "this content, revision and evidence")
    return tag("span", glyph("∅", "sg-warn"), "an earlier content: it does not count")


def _short(digest: str) -> str:
    name, _, rest = digest.partition(":")
    return f"{name}:{rest[:12]}…" if rest else digest


def comments(sheet: Sheet, here: Here) -> str:
    """What people said, oldest first; a line break of theirs is one here."""
    found = sheet.file.comments
    title = heading("Comments", "append-only and on record; a comment is no signature")
    if not found:
        return title + tag("p", "Nobody has said anything yet.", cls="sg-note")
    said = (
        tag(
            "li",
            tag("div", person(one.author), " ", here.at(one.at_ns), cls="sg-r-facts"),
            tag("div", text(one.text), cls="sg-r-said"),
        )
        for one in found
    )
    return title + tag("ol", *said, cls="sg-r-comments")


def timeline(sheet: Sheet, here: Here) -> str:
    """What happened to it, each with its audit record."""
    events = [_event(one, here) for one in history(sheet.file)]
    if sheet.is_open:
        due = sheet.file.expires_ns
        when = "expired" if due <= here.now_ns else f"expires in {words.duration((due - here.now_ns) / 1e9)}"
        events.append(tag("li", here.at(due), " ", tag("span", text(when), cls="sg-soft")))
    title = heading("What happened", "from the audit chain")
    return title + tag("ol", *events, cls="sg-r-timeline")


def _event(one: Event, here: Here) -> str:
    sign = glyph("✕", "sg-failed") if one.refused else glyph("●", "sg-soft")
    codes = "".join(tag("code", text(code), cls="sg-r-code") for code in one.codes)
    record = (
        ""
        if one.seq is None
        else tag(
            "a",
            text(f"record {one.seq}"),
            href=f"/audit?seq={one.seq}",
            target="_self",
            title=f"leaf {one.leaf}",
        )
    )
    said = tag("div", text(one.said), cls="sg-r-said") if one.said else ""
    line = tag(
        "div", sign, here.at(one.at_ns), " ", person(one.who), " ", prose(one.words), " ", codes, " ", record
    )
    return tag("li", line, said)
