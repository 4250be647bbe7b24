"""One record of the chain in full: who, what, before and after, and how it hangs in the chain."""

import json
from datetime import tzinfo
from typing import Any
from urllib.parse import quote

from dashboard.data.differences import differences
from dashboard.views.audit.rows import code_link, outcome, request_link, when
from dashboard.views.markup import table_box, tag, text
from dashboard.views.prose import prose


def no_record(asked: str) -> str:
    """No such number."""
    said = f"There is no record {asked!r}. " if len(asked) < 40 else "There is no such record. "
    link = tag("a", "Look at the newest ones", href="/audit", target="_self")
    return tag("div", tag("h2", "No such record"), tag("p", text(said), link), cls="sg-empty", role="status")


def record_in_full(value: dict[str, Any], zone: tzinfo) -> str:
    """Everything that the record says, and nothing that it does not."""
    seq = int(value["seq"])
    return "".join(
        (
            _way(seq),
            tag(
                "h2", text(f"Record {seq}: {value.get('action')} on {value.get('target')}"), cls="sg-heading"
            ),
            tag("dl", *_facts(value, zone), cls="sg-audit-record"),
            _findings(value),
            _diff(value.get("before"), value.get("after")),
            tag("h2", "In the chain", cls="sg-heading"),
            tag("dl", *_chain(value, seq), cls="sg-audit-record"),
            _whole(value),
        )
    )


def _way(seq: int) -> str:
    before = tag("a", text(f"← {seq - 1}"), href=f"/audit?seq={seq - 1}", target="_self") if seq > 1 else ""
    after = tag("a", text(f"{seq + 1} →"), href=f"/audit?seq={seq + 1}", target="_self")
    log = tag("a", "All records", href="/audit", target="_self")
    return tag("nav", log, before, after, cls="sg-turning", aria_label="Records beside this one")


def _facts(value: dict[str, Any], zone: tzinfo) -> list[str]:
    late = ""
    if value.get("late"):
        late = tag("span", " · recorded late, ", when(value, "recorded_at", zone), cls="sg-note")
    facts = [
        _fact("When", when(value, "time", zone) + late),
        _fact("Who", tag("code", text(value.get("actor")))),
        _fact("Roles then", text(", ".join(map(str, value.get("roles") or [])) or "none")),
        _fact("Outcome", outcome(value) + text(f" · mode {value['mode']}" if value.get("mode") else "")),
        _fact("Reason", text(value.get("reason") or "none was given")),
        _fact("Request", request_link(value)),
        _fact("Environment", text(value.get("environment") or "–")),
    ]
    after = value.get("after")
    step = after.get("step") if isinstance(after, dict) else None
    if isinstance(step, str):
        link = tag("a", text(step), href=f"/stages?step={quote(step, safe='')}", target="_self")
        facts.append(_fact("Step", link))
    return facts


def _findings(value: dict[str, Any]) -> str:
    codes = value.get("reason_codes")
    if not isinstance(codes, list) or not codes:
        return ""
    said = "These rules spoke against it; each links to what it asks for."
    items = [tag("li", code_link(str(code))) for code in codes]
    return tag("h2", "Findings", cls="sg-heading") + tag("p", said, cls="sg-note") + tag("ul", *items)


def _diff(before: Any, after: Any) -> str:
    if before is None and after is None:
        return ""
    heading = _heading("What changed")
    if before is None:
        return heading + tag("p", "No state was there before; it holds:", cls="sg-note") + _json(after)
    found = list(differences(before, after))
    if not found:
        return heading + tag("p", "Before and after are the same.", cls="sg-note") + _both(before, after)
    head = tag("tr", *(tag("th", name, scope="col") for name in ("where", "before", "after")))
    rows = [
        tag(
            "tr",
            tag("th", tag("code", text(where)), scope="row"),
            tag("td", text(old), cls="sg-said"),
            tag("td", text(new), cls="sg-said"),
        )
        for where, old, new in found
    ]
    return heading + table_box(tag("thead", head), tag("tbody", *rows)) + _both(before, after)


def _both(before: Any, after: Any) -> str:
    inner = tag("h3", "Before", cls="sg-heading") + _json(before) + tag("h3", "After", cls="sg-heading")
    return tag("details", tag("summary", "Before and after as JSON"), inner, _json(after))


def _chain(value: dict[str, Any], seq: int) -> list[str]:
    said = prose(f"`slotgate audit show {seq}` prints it; *Verify* in the log checks every link")
    return [
        _fact("Leaf hash", tag("code", text(value.get("leaf")))),
        _fact("Hash of the one before", tag("code", text(value.get("prev")))),
        _fact("Check", said.replace("*Verify*", "“Verify”")),
    ]


def _whole(value: dict[str, Any]) -> str:
    record = {name: field for name, field in value.items() if name != "leaf"}
    return tag("details", tag("summary", "The whole record as JSON"), _json(record))


def _heading(words: str) -> str:
    return tag("h2", text(words), cls="sg-heading")


def _json(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return tag("pre", text(written), cls="sg-json", tabindex="0")


def _fact(name: str, value: str) -> str:
    return tag("div", tag("dt", text(name)), tag("dd", value))
