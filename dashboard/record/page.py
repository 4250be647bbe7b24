"""The decision record as one HTML page: no script, nothing loaded, made to be printed and kept."""

import json
from collections.abc import Iterable
from typing import Any

from dashboard.record.link import safe_link
from dashboard.record.page_style import STYLE
from dashboard.views.markup import tag, text

_LONG = 40
SIGNS = {"WIDENS": "▲ WIDENS", "NARROWS": "▼ NARROWS", "NEUTRAL": "● NEUTRAL"}


def page_of(document: dict[str, Any]) -> str:
    """The page of a record as `document_of` makes it. Every text of it is inert."""
    title = f"Decision record: request {document['request']}"
    body = (
        tag("h1", text(title)),
        tag("p", text(document["headline"]), cls="headline"),
        _facts(document),
        tag("h2", "What changes"),
        *_change(document["change"]),
        tag("h2", "Why"),
        _why(document["asked"]),
        tag("h2", "Signatures"),
        _signatures(document["signatures"]),
        tag("h2", "Evidence it was asked on"),
        _evidence(document["evidence"]),
        tag("h2", "What the rules said"),
        _findings(document["findings"]),
        tag("h2", "Comments"),
        _comments(document["comments"]),
        tag("h2", "What happened"),
        _history(document["history"]),
        tag("h2", "Audit records"),
        _audit(document["audit"]),
        tag("h2", "Check it"),
        _check(document),
    )
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{text(title)} · slotgate</title><style>{STYLE}</style>"
    )
    inner = tag("head", head) + tag("body", tag("main", *body))
    return f"<!doctype html>{tag('html', inner, lang='en')}\n"


def _facts(document: dict[str, Any]) -> str:
    asked, ended = document["asked"], document["ended"]
    facts = [
        ("State", document["state"]),
        ("Kind", document["kind"]),
        ("Environment", document["environment"]),
        ("Asked by", f"{asked['by']}, {asked['at']}"),
        ("Made over revision", document["change"]["baseRevision"]),
    ]
    if ended is None:
        facts.append(("Expires", asked["expiresAt"]))
    else:
        because = f": {ended['because']}" if ended["because"] else ""
        facts.append(("Ended", f"{ended['state']} by {ended['by']}, {ended['at']}{because}"))
    facts += [
        ("Put in force", f"revision {one['revision']} by {one['by']}, recorded {one['at']}")
        for one in document["revisions"]
    ]
    facts.append(("This copy", f"made {document['madeAt']}, audit chain of {document['audit']['chainSize']}"))
    return _list(facts)


def _change(change: dict[str, Any]) -> Iterable[str]:
    yield _table(
        ("direction", "dimension", "in words", "before", "after"),
        (
            (SIGNS[one["direction"]], one["dimension"], one["words"], one["before"], one["after"])
            for one in change["parts"]
        ),
        "nothing that could be said",
    )
    if change["rules"]:
        yield tag("h3", "Allowlist rules, cell by cell")
        yield _table(
            ("direction", "rule", "dimension", "before", "after"),
            (
                (SIGNS[one["direction"]], one["rule"], one["dimension"], one["before"], one["after"])
                for one in change["rules"]
            ),
            "",
        )
    yield _list([("Content digest", change["contentDigest"])])


def _why(asked: dict[str, Any]) -> str:
    link = safe_link(asked["decisionRecord"])
    shown = (
        text(asked["decisionRecord"] or "none")
        if link is None
        else tag("a", text(link), href=link, rel="noopener noreferrer nofollow")
    )
    rows = [("Reason", text(asked["reason"] or "none")), ("Decision record", shown)]
    if asked["exception"]:
        rows.append(("Exception, under NOT ENOUGH DATA", text(asked["exception"])))
    if asked["broadeningNotNeeded"]:
        rows.append(("No broadening needed, because", text(asked["broadeningNotNeeded"])))
    if len(asked["editors"]) > 1:
        edited = f"{', '.join(asked['editors'])}; last by {asked['lastEditedBy']}, {asked['lastEditedAt']}"
        rows.append(("Edited by", text(edited)))
    return tag("dl", *(tag("dt", text(name)) + tag("dd", value) for name, value in rows))


def _signatures(signatures: list[dict[str, Any]]) -> str:
    return _table(
        ("by", "at", "for", "content digest", "evidence digest"),
        (
            (
                one["by"],
                one["at"],
                "this content" if one["ofThisContent"] else "an earlier content: it does not count",
                one["contentDigest"],
                one["evidenceDigest"],
            )
            for one in signatures
        ),
        "nobody signed it",
    )


def _evidence(evidence: dict[str, Any]) -> str:
    facts = [("Digest", evidence["digest"]), ("Frozen", evidence["frozenAt"])]
    if "verdict" in evidence:
        facts += [
            ("Verdict", f"{evidence['verdict']}: {evidence['sentence']}"),
            ("Verification", evidence["verification"]),
            ("High and critical findings", ", ".join(evidence["findings"]) or "none"),
            ("What the data cannot rule out", evidence["bound"] or "–"),
        ]
    frozen = evidence["frozen"]
    if frozen is None:
        return _list(facts) + tag("p", "The evidence itself is gone, or is not what was frozen.")
    whole = tag("details", tag("summary", "The frozen evidence, whole"), tag("pre", text(_pretty(frozen))))
    return _list(facts) + whole


def _findings(findings: list[dict[str, Any]]) -> str:
    return _table(
        ("record", "attempt", "by", "outcome", "codes and words"),
        (
            (
                one["record"],
                one["action"],
                one["by"],
                f"{one['outcome']} in {one['mode']}",
                "; ".join(map(str, one["words"])) or ", ".join(map(str, one["codes"])) or "no finding",
            )
            for one in findings
        ),
        "nothing was judged",
    )


def _comments(comments: list[dict[str, Any]]) -> str:
    return _table(
        ("by", "at", "text"),
        ((one["by"], one["at"], one["text"]) for one in comments),
        "nobody said anything",
    )


def _history(events: list[dict[str, Any]]) -> str:
    return _table(
        ("at", "by", "what", "codes", "record"),
        ((one["at"], one["by"], one["what"], ", ".join(one["codes"]), one["record"]) for one in events),
        "nothing is on record",
    )


def _audit(audit: dict[str, Any]) -> str:
    return _table(
        ("record", "leaf hash", "canonical body"),
        ((one["seq"], one["leaf"], one["body"]) for one in audit["records"]),
        "no record names this request",
    )


def _check(document: dict[str, Any]) -> str:
    commands = (
        "slotgate audit verify",
        *(f"slotgate audit show {one['seq']}" for one in document["audit"]["records"][:1]),
        f"slotgate review --show {document['evidence']['digest']}",
        f"slotgate controls request {document['request']}",
    )
    wrong = [
        words
        for words, holds in (
            ("the content is not what its digest names", document["change"]["contentDigestHolds"]),
            ("the evidence is not what its digest names", document["evidence"]["digestHolds"]),
            (
                "an audit record is not what its leaf hash names",
                all(one["leafHolds"] for one in document["audit"]["records"]),
            ),
        )
        if not holds
    ]
    said = "When this copy was made its digests held." if not wrong else f"WRONG: {'; '.join(wrong)}."
    how = (
        "A leaf hash is the SHA-256 of a zero byte and the canonical body; the content digest that of the "
        "RFC 8785 form of the content, which the JSON record holds whole. On the host:"
    )
    return tag("p", text(said)) + tag("p", text(how)) + tag("pre", text("\n".join(commands)))


def _list(facts: list[tuple[str, Any]]) -> str:
    return tag("dl", *(tag("dt", text(name)) + tag("dd", text(value)) for name, value in facts))


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]], otherwise: str) -> str:
    lines = [tag("tr", *map(_cell, row)) for row in rows]
    if not lines:
        return tag("p", text(otherwise))
    top = tag("thead", tag("tr", *(tag("th", text(name), scope="col") for name in head)))
    return tag("table", top, tag("tbody", *lines))


def _cell(value: Any) -> str:
    """Long ones may break anywhere, so that short words beside them need not."""
    shown = "–" if value in (None, "") else str(value)
    return tag("td", text(shown), cls="long" if len(shown) > _LONG else "")


def _pretty(frozen: str) -> str:
    """Indented, the document within laid out too; as it is where it is no JSON."""
    try:
        whole = json.loads(frozen)
        if isinstance(whole, dict) and isinstance(whole.get("document"), str) and whole["document"]:
            whole["document"] = json.loads(whole["document"])
        return json.dumps(whole, ensure_ascii=False, indent=1)
    except ValueError:
        return frozen
