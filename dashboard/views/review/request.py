"""One request as an approver reads it: what changes, why, whom it reaches, on which evidence."""

from dashboard.data import format as words
from dashboard.data.requests import Reach, Sheet
from dashboard.record.asked import Asked
from dashboard.record.evidence import Line, compared, sentence, verdict_word
from dashboard.record.link import safe_link
from dashboard.review.missed import Missed
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.review.missing import missing
from dashboard.views.review.words import Here, box, direction, expiry, grid, heading, person, state
from dashboard.views.verdict import CLASSES, SIGNS
from gates.policy.evidence import ReviewEvidence
from gates.policy.rules.evidence import FROZEN_FOR_NS
from gates.store.rows import RequestRow, RequestState

ENDED = {
    RequestState.VOIDED: "Void because",
    RequestState.EXPIRED: "Expired:",
    RequestState.REJECTED: "Rejected:",
    RequestState.APPLIED: "Applied",
}


def top(sheet: Sheet, here: Here) -> str:
    """Number, state, who asked, how long it lives; and, once it is closed, why."""
    row = sheet.file.row
    title = tag("h2", prose(f"Request {row.number}: {sheet.asked.headline}"), cls="sg-r-headline")
    facts = [
        state(row.state),
        tag("span", "asked by ", person(row.requester), " ", here.at(row.created_at_ns)),
        tag("span", text(f"over revision {row.base_revision}, in {sheet.file.environment}")),
    ]
    if row.edited_at_ns != row.created_at_ns:
        facts.append(tag("span", "edited by ", person(row.last_editor), " ", here.at(row.edited_at_ns)))
    if sheet.is_open:
        facts.append(expiry(sheet.file.expires_ns, here.now_ns))
    jump = tag("p", tag("a", "Decide ↓", href="#decide"), cls="sg-r-jump")
    return box(title + tag("div", *facts, cls="sg-r-facts") + _ended(row, here) + jump, "sg-r-top")


def _ended(row: RequestRow, here: Here) -> str:
    if row.closed_at_ns is None:
        return ""
    because = f" {row.closed_because}" if row.closed_because else ""
    said = (
        tag("b", text(f"{ENDED.get(row.state, row.state.value)}{because}")),
        " by ",
        person(row.closed_by),
        " ",
        here.at(row.closed_at_ns),
    )
    return tag("p", *said, cls="sg-r-ended-why")


def change(asked: Asked) -> str:
    """The difference in words, dimension by dimension, then cell by cell of the allowlist."""
    if not asked.parts:
        return heading("What changes") + tag("p", prose(asked.headline), cls="sg-note")
    rows = [
        (
            direction(part.direction),
            text(part.dimension),
            prose(part.words),
            text(part.before or words.MISSING),
            text(part.after or words.MISSING),
        )
        for part in asked.parts
    ]
    found = heading("What changes", "▲ lets more jobs reach the model, ▼ fewer") + grid(
        ("direction", "dimension", "in words", "before", "after"), rows, "What changes, by dimension"
    )
    if not asked.rules:
        return found
    cells = [
        (
            direction(cell.direction),
            tag("code", text(cell.rule)),
            text(cell.dimension),
            text(cell.before),
            text(cell.after),
        )
        for cell in asked.rules
    ]
    return found + grid(
        ("direction", "rule", "part", "before", "after"), cells, "Allowlist rules, cell by cell"
    )


def why(row: RequestRow) -> str:
    """What the requester said. A decision record is a link only where that is safe."""
    link = safe_link(row.decision_record)
    record = (
        tag("code", text(row.decision_record or "none"))
        if link is None
        else tag("a", text(link), href=link, target="_blank", rel="noopener noreferrer nofollow")
    )
    facts = [("Reason", text(row.reason or "none given")), ("Decision record", record)]
    if row.exception:
        facts.append(("Exception, under NOT ENOUGH DATA", text(row.exception)))
    needless = row.content.get("broadeningNotNeeded")
    if needless:
        facts.append(("No broadening needed, because", text(needless)))
    facts.append(("Content digest", tag("code", text(row.content_digest))))
    listed = "".join(tag("dt", text(name)) + tag("dd", value) for name, value in facts)
    return heading("Why") + tag("dl", listed, cls="sg-r-list")


def blast(found: Reach, here: Here) -> str:
    """Whom it reaches, exactly or as an upper bound, and why."""
    title = heading("Whom it reaches", "blast radius, of the jobs seen lately")
    if found.failed is not None or found.unseen is not None or found.seen == 0:
        sign = glyph("…", "sg-soft") if found.failed is None else glyph("–", "sg-soft")
        return title + tag("p", sign, prose(found.sentence), cls="sg-r-line")
    per_hour = words.MISSING if found.per_hour is None else f"{found.per_hour:.2f}"
    bound = "" if found.exact else "at most "
    facts = (
        ("newly admitted", _certain(found.admitted, found.perhaps_admitted)),
        ("newly expelled", _certain(found.expelled, found.perhaps_expelled)),
        ("admitted per hour", f"{bound}{per_hour}"),
        ("jobs looked at", f"{found.seen:,}{' (few)' if found.seen < 20 else ''}"),
    )
    figures = tag(
        "dl",
        *(tag("div", tag("dt", text(name)), tag("dd", text(said))) for name, said in facts),
        cls="sg-r-figures",
    )
    kind = (
        _said("✓", "sg-ok", "Exact: every job's answer follows from what is known of it.")
        if found.exact
        else _said(
            "▲",
            "sg-warn",
            "An upper bound: of some jobs the spec is not known, so they may or may not be reached.",
        )
    )
    until = "" if found.until_ns is None else " up to " + here.at(found.until_ns)
    window = tag("p", text(f"Distinct jobs of the {found.hours:.1f} h"), until, cls="sg-note")
    scope = "".join(_said("▲", "sg-r-widens", f"newly reachable: {one}") for one in found.scope)
    jobs = ", ".join(_job(one) for one in found.examples)
    shown = "" if not jobs else tag("p", "For example ", jobs, cls="sg-note")
    return (
        title + tag("p", prose(found.sentence), cls="sg-r-sentence") + figures + kind + scope + window + shown
    )


def _certain(sure: int, perhaps: int) -> str:
    return f"{sure:,}" if perhaps == 0 else f"{sure:,} to {sure + perhaps:,}"


def _job(job_id: str) -> str:
    from urllib.parse import quote

    return tag("a", text(job_id), href=f"/triage?job={quote(job_id, safe='')}", target="_self")


def evidence(sheet: Sheet, missed: Missed, here: Here) -> str:
    """What was frozen when it was asked for, beside what telemetry shows now; what it lacks is `missed`."""
    title = heading("Evidence", "frozen when it was asked for, beside live", anchor="evidence")
    if sheet.frozen is None:
        gone = (
            "The frozen evidence is gone or damaged: nothing can be signed on it. Reject it and propose anew."
        )
        return title + _said("✕", "sg-failed", gone)
    age = (here.now_ns - sheet.file.row.evidence_frozen_at_ns) / 1e9
    frozen = _verdict("Frozen", sheet.frozen, f"{words.ago(age)}; {_lasts(sheet, here)}")
    digest = tag(
        "p",
        "Digest ",
        tag("code", text(sheet.file.row.evidence_digest)),
        "; ",
        tag("code", text(f"slotgate review --show {sheet.file.row.evidence_digest}")),
        " prints it byte for byte.",
        cls="sg-note",
    )
    if sheet.live is None:
        side = tag("p", "The request is closed: live evidence has no part in it any more.", cls="sg-note")
        return title + tag("div", frozen, cls="sg-r-pair") + side + _lines(sheet) + digest
    live = _verdict("Live", sheet.live, f"seen {words.ago((here.now_ns - sheet.live.frozen_at_ns) / 1e9)}")
    pair = tag("div", frozen, live, cls="sg-r-pair")
    return title + missing(missed, here) + _worse(sheet) + pair + _lines(sheet) + digest


def _lasts(sheet: Sheet, here: Here) -> str:
    left = (sheet.file.row.evidence_frozen_at_ns + FROZEN_FOR_NS - here.now_ns) / 1e9
    if not sheet.is_open:
        return "it never changes"
    return (
        f"carries a signature for another {words.duration(left)}"
        if left > 0
        else "too old to sign on: over 4 h"
    )


def _worse(sheet: Sheet) -> str:
    """What happened since that keeps it from being signed or applied."""
    codes = {"E_EVIDENCE_WORSE", "E_EVIDENCE_STALE", "E_ROLLED_BACK"}
    found = [
        one
        for one in (*sheet.prospect.stands_against_signing, *sheet.prospect.stands_against_applying)
        if one.code.value in codes
    ]
    said = list(dict.fromkeys(one.words for one in found))
    return "".join(
        tag(
            "p",
            glyph("▼", "sg-failed"),
            tag("b", "Signing and applying meet this: "),
            prose(words_),
            cls="sg-r-worse",
            role="note",
        )
        for words_ in said
    )


def _verdict(name: str, found: ReviewEvidence, when: str) -> str:
    word = tag("strong", glyph(SIGNS[found.verdict], "sg-v-sign"), text(verdict_word(found)))
    return tag(
        "div",
        tag("span", text(name), cls="sg-legend"),
        tag("div", word, cls="sg-r-word"),
        tag("p", prose(sentence(found))),
        tag("p", text(when), cls="sg-note"),
        cls=f"sg-r-verdict {CLASSES[found.verdict]}",
        data_verdict=found.verdict.value,
    )


def _lines(sheet: Sheet) -> str:
    if sheet.frozen is None:
        return ""
    lines = compared(sheet.frozen, sheet.live)
    if sheet.live is None:
        few = [(text(line.name), text(line.frozen)) for line in lines]
        return grid(("what", "frozen"), few, "The frozen evidence, line by line")
    rows = [(text(line.name), text(line.frozen), text(line.live or ""), _mark(line)) for line in lines]
    return grid(("what", "frozen", "live", "difference"), rows, "Frozen and live evidence, line by line")


def _mark(line: Line) -> str:
    return tag("span", glyph("≠", ""), "differs", cls="sg-r-differs") if line.differs else ""


def _said(sign: str, cls: str, said: str) -> str:
    return tag("p", glyph(sign, cls), prose(said), cls="sg-r-line")
