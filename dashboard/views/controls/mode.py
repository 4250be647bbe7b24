"""The enforcement mode: what shadow let pass, what enforce blocked, what must hold before a promotion."""

import streamlit as st

from dashboard.commands.perform import Needs
from dashboard.data.cached.controls import ModeReport, modes_of
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.command import command, outcome_box, outcome_of
from dashboard.views.controls.states import cannot, no_record, note, section, warning
from dashboard.views.controls.terms import fields
from dashboard.views.markup import glyph, tag, text
from dashboard.views.reader import reader
from gates.changes.acceptance import Tally
from gates.changes.answers import Answer
from gates.changes.content import MODE
from gates.changes.service import ChangeService
from gates.errors import GateError, RequestConflict
from gates.policy.intent import Actor, Mode, Role

STRICTER = {Mode.OFF: Mode.SHADOW, Mode.SHADOW: Mode.ENFORCE}
ADMINS = frozenset({Role.ADMIN})


def draw(now: ControlsNow, now_ns: int) -> None:
    """Draw the report on the left, and the commands on the right."""
    try:
        report = modes_of(seat.taken(), now_ns)
    except GateError as error:
        st.html(no_record(error))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.html(section("Divergence", "two counts of two modes; they are never added"))
        st.html(_tallies(report))
        st.html(section("Acceptance", "what must hold before `enforce`; asked of the policy just now"))
        st.html(_checks(report))
    with right:
        st.html(section("Change the mode", "admin; takes a fresh proof of who you are"))
        _commands(now, report)


def _tallies(report: ModeReport) -> str:
    found = report.divergence
    shadow = _tally("shadow would have blocked", found.shadow, "sg-warn", "▲")
    enforce = _tally("enforce blocked", found.enforce, "sg-failed", "✕")
    return tag("div", shadow, enforce, cls="sg-tallies")


def _tally(what: str, tally: Tally, cls: str, sign: str) -> str:
    figure = tag(
        "p", glyph(sign, cls), tag("strong", text(tally.stopped)), text(f" of {tally.judged} judged")
    )
    if not tally.by_reason:
        reasons = tag("p", "no reason so far", cls="sg-note")
    else:
        items = (tag("li", tag("code", text(code)), text(f" {count}")) for code, count in tally.by_reason)
        reasons = tag("ul", *items)
    return tag("section", tag("h3", text(what), cls="sg-c-title"), figure, reasons, cls="sg-tally")


def _checks(report: ModeReport) -> str:
    def line(passed: bool, name: str, seen: str) -> str:
        sign, cls, word = ("✓", "sg-ok", "passed") if passed else ("✕", "sg-failed", "failed")
        return tag(
            "li", glyph(sign, cls), tag("b", word), text(f": {name} "), tag("small", text(f"({seen})"))
        )

    checks = report.acceptance.checks
    return tag("ul", *(line(one.passed, one.name, one.seen) for one in checks), cls="sg-deltas", role="list")


def _commands(now: ControlsNow, report: ModeReport) -> None:
    mode = report.mode
    if mode is not Mode.ENFORCE:
        st.html(
            warning(f"Mode {mode.value} does not protect: only `enforce` blocks what the policy forbids.")
        )
    said = fields("mode", now.standing.record_pattern)
    who = cannot(reader(), ADMINS, "change the mode")
    stricter = STRICTER.get(mode)

    def promote(service: ChangeService, actor: Actor) -> Answer:
        _unmoved(service, mode)
        return service.change_mode(actor, stricter or mode, said.terms())

    command(
        f"Promote to {stricter.value}" if stricter else "Promote",
        promote,
        key=f"do-mode-promote-{mode.value}",
        name="promote mode",
        needs=Needs.FRESH_PROOF,
        primary=True,
        because_not=who or _no_promotion(report),
        roles=ADMINS,
    )

    def back(service: ChangeService, actor: Actor) -> Answer:
        _unmoved(service, mode)
        return service.rollback_mode(actor, said.terms())

    st.html(
        note(
            "Back to the mode before. Less enforcement takes two people where it is enforced: one press "
            "opens a request; after its approval the same press carries it out."
        )
    )
    waiting = next((row for row in now.open_requests if row.kind == MODE), None)
    if waiting is not None:
        href, state = f"/review?request={waiting.number}", waiting.state.value.replace("_", " ")
        link = tag("a", text(f"Request {waiting.number}"), href=href, target="_self")
        st.html(tag("p", link, text(f" about it is {state}."), cls="sg-note"))
    command(
        "Roll the mode back",
        back,
        key=f"do-mode-back-{mode.value}",
        name="roll back mode",
        needs=Needs.FRESH_PROOF,
        because_not=who,
        roles=ADMINS,
    )
    _still_said(mode)
    st.html(note("`slotgate mode set MODE` sets a named one. Kill and narrowing never read the mode."))


def _still_said(mode: Mode) -> None:
    """What a press under the mode before led to: that press changed the mode, and with it the buttons."""
    for before in Mode:
        for deed in ("promote", "back"):
            outcome = None if before is mode else outcome_of(f"do-mode-{deed}-{before.value}")
            if outcome is not None:
                st.html(outcome_box(outcome))


def _unmoved(service: ChangeService, seen: Mode) -> None:
    if service.mode() is not seen:
        raise RequestConflict(f"the mode is `{service.mode().value}` now, you saw `{seen.value}`; look again")


def _no_promotion(report: ModeReport) -> str | None:
    if report.mode is Mode.ENFORCE:
        return "`enforce` is the strictest mode"
    failed = [one.name for one in report.acceptance.checks if not one.passed]
    if report.mode is Mode.SHADOW and failed:
        return f"the acceptance checks did not all pass: {'; '.join(failed)}"
    return None
