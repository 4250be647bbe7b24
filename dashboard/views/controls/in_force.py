"""What is in force, in words and in full: every setting, every rule, since when, by whom and why."""

from collections.abc import Mapping
from typing import Any

from dashboard.auth.visitor import short
from dashboard.data import format as words
from dashboard.data.cached.controls import now_of
from dashboard.data.controls_file import controls_in_force
from dashboard.data.controls_page import ControlsNow
from dashboard.data.controls_words import rule_rows
from dashboard.server import seat
from dashboard.views.controls.states import warning
from dashboard.views.live import Moment
from dashboard.views.markup import card_row, glyph, moment, table_box, tag, text
from dashboard.views.prose import prose
from gates.errors import GateError
from gates.policy.intent import Mode
from gates.verdict.wording import count
from schemas.instant import epoch_ns

MODES = {
    Mode.ENFORCE: ("■", "sg-ok", "ENFORCE", "what the policy does not allow is blocked"),
    Mode.SHADOW: (
        "▲",
        "sg-warn",
        "SHADOW",
        "shadow does not protect: what the policy does not allow is recorded, and happens",
    ),
    Mode.OFF: ("✕", "sg-failed", "OFF", "nothing is judged: any change by anybody with a role happens"),
}


def read(now_ns: int) -> ControlsNow | GateError:
    """What stands, or why that cannot be read."""
    try:
        return now_of(seat.taken(), now_ns)
    except GateError as error:
        return error


def banner(now: ControlsNow | GateError) -> str:
    """The enforcement mode, on every part of the page, and what is wrong with the control file."""
    if isinstance(now, GateError):
        return ""
    sign, cls, word, said = MODES[now.mode]
    line = tag(
        "div", glyph(sign, cls), tag("strong", f"Mode {word}"), " ", tag("span", text(said)),
        cls=f"sg-mode sg-mode-{now.mode.value}", data_mode=now.mode.value,
    )  # fmt: skip
    odd = "" if now.odd is None else warning(f"{now.odd}; see `slotgate doctor`")
    latched = ""
    if now.standing.latched is not None:
        latched = tag(
            "div", glyph("▼", "sg-failed"), tag("strong", "ROLL BACK stands: "), prose(now.standing.latched),
            " ", tag("a", "what to do", href="/controls?part=duties", target="_self"),
            cls="sg-outcome sg-refused", role="alert",
        )  # fmt: skip
    return line + odd + latched


def card(now: ControlsNow | GateError, at: Moment) -> str:
    """The controls in full."""
    place = seat.taken()
    document = controls_in_force(place.home.control_file)
    if document is None:
        return warning("The control file cannot be read as controls: every executor makes stubs.")
    known = now if isinstance(now, ControlsNow) and now.revision == document["revision"] else None
    return _facts(document, known, at) + _rules(document["allowlist"])


def _facts(document: Mapping[str, Any], now: ControlsNow | None, at: Moment) -> str:
    zero = document["rolloutZero"]
    facts = [
        ("Kill switch", _switch(document["kill"], "on: every job gets a stub", "off")),
        ("Feature", _switch(not document["feature"], "off: every job gets a stub", "on")),
        ("Allowlist", _allowlist(document["allowlist"])),
        ("Percent", tag("b", f"{document['percent']} %") + tag("small", _zero(zero))),
        ("Stage / step", text(f"{document['stage']} / {document['step']}")),
        ("Environment", text(document["environment"])),
        ("Revision", text(document["revision"]) + tag("small", _since(document, at))),
        ("By and why", _who(now)),
    ]
    if document["breakGlassUntil"] is not None:
        facts.append(("Break-glass ends", _moment(document["breakGlassUntil"], at)))
    if document["validUntil"] is not None:
        facts.append(("Valid until", _moment(document["validUntil"], at)))
    cells = (tag("div", tag("dt", text(name)), tag("dd", value)) for name, value in facts)
    return tag("dl", *cells, cls="sg-c-card")


def _switch(stops: bool, stopping: str, otherwise: str) -> str:
    return glyph("■" if stops else "○", "sg-warn" if stops else "sg-soft") + text(
        stopping if stops else otherwise
    )


def _allowlist(allowlist: Mapping[str, Any]) -> str:
    on = sum(1 for rule in allowlist["rules"] if rule["enabled"])
    rules = f"{on} of {count(len(allowlist['rules']), 'rule')} enabled"
    if not allowlist["enabled"]:
        return glyph("■", "sg-warn") + text("off: nothing is permitted") + tag("small", text(rules))
    return text("on, denies by default") + tag("small", text(rules))


def _zero(meaning: str) -> str:
    return "0 would admit nobody" if meaning == "nobody" else "0 would admit EVERYONE on these executors"


def _since(document: Mapping[str, Any], at: Moment) -> str:
    since = epoch_ns(document["effectiveAt"])
    if since is None:
        return ""
    ago = words.duration((at.now_ns - since) / 1e9)
    return f"for {ago}, since " + moment(words.instant(since, at.zone), words.utc(since))


def _moment(written: str, at: Moment) -> str:
    when = epoch_ns(written)
    if when is None:
        return text(written)
    left = words.duration((when - at.now_ns) / 1e9) if when > at.now_ns else "over"
    return moment(words.instant(when, at.zone), words.utc(when)) + tag("small", text(f"{left} left"))


def _who(now: ControlsNow | None) -> str:
    if now is None:
        return tag("span", "not on record yet", cls="sg-soft")
    told = now.told
    signed = ", ".join(short(one.approver_id) for one in told.approvals)
    by = f"{short(told.revision.actor_id)}" + (f", signed by {signed}" if signed else ", alone")
    link = ""
    if told.request is not None:
        number = told.request.number
        link = " · " + tag("a", f"request {number}", href=f"/review?request={number}", target="_self")
    return text(by) + link + tag("small", text(told.reason or "no reason was given"))


def _rules(allowlist: Mapping[str, Any]) -> str:
    rows = rule_rows(allowlist)
    if not rows:
        return tag("p", "The allowlist has no rules: nothing is permitted.", cls="sg-note")
    names = ("rule", "", "subjects", "levels", "boards", "spec versions", "kinds", "slots", "jobs a run")
    head = tag("tr", *(tag("th", text(name), scope="col") if name else tag("td") for name in names))
    body = [
        card_row(
            [name or "state" for name in names],
            tag("th", text(row.rule_id), scope="row", cls="sg-code"),
            tag("td", glyph("●" if row.enabled else "○", "sg-openai" if row.enabled else "sg-soft"),
                "on" if row.enabled else "off"),
            *(tag("td", text(value)) for value in (row.subject, row.level, row.board, row.spec_version,
                                                   row.kinds, row.slots)),
            tag("td", text(f"at most {row.most_jobs}")),
        )
        for row in rows
    ]  # fmt: skip
    caption = tag("caption", "Allowlist rules: a job passes when one enabled rule lists all of its values")
    return table_box(
        caption, tag("thead", head), tag("tbody", *body), label="Allowlist rules", cls="sg-c-rules sg-cards"
    )
