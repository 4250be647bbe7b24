"""What a draft comes to: its differences, its blast radius, and the one command that fits them."""

import streamlit as st

from dashboard.commands.perform import Deed
from dashboard.data.cached.controls import asked, preview_of, seen_lately
from dashboard.data.controls_draft import Draft, difference, moved
from dashboard.data.controls_ladder import ANYBODY, OF_THE_FORM
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.command import outcome_box, outcome_of
from dashboard.views.controls.blast import blast
from dashboard.views.controls.bound import bound, bound_command
from dashboard.views.controls.deltas import delta_list
from dashboard.views.controls.states import cannot, note, warning
from dashboard.views.controls.terms import Said, fields, require, typed
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.reader import reader
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.documents import Patch
from gates.changes.rehearsing import Rehearsal
from gates.changes.service import ChangeService
from gates.errors import GateError
from gates.policy.delta import Delta, Direction
from gates.policy.intent import Actor
from gates.policy.outcome import Finding, Outcome, ReasonCode
from gates.policy.rules.safety import NARROWING_ROLES, PROPOSING_ROLES


def verdict_on(draft: Draft, now: ControlsNow, now_ns: int) -> None:
    """Draw it, for a draft that is valid."""
    try:
        deltas = difference(draft)
    except GateError as error:
        st.html(warning(str(error)))
        return
    if not draft.is_changed:
        st.html(note("The draft is what is in force. Edit a rule, and see here what that changes."))
        _last_outcome()
        return
    st.html(delta_list(deltas, "It lets neither more nor fewer jobs through."))
    several = moved(deltas)
    widening = any(delta.direction is Direction.WIDENS for delta in deltas)
    if len(several) > 1 and widening:
        names = ", ".join(several)
        st.html(warning(f"{len(several)} dimensions move at once ({names}): propose them one at a time."))
    patch: Patch = {"allowlist": draft.allowlist}
    try:
        st.html(blast(preview_of(seat.taken(), patch, now_ns)))
        found = asked(
            seat.taken(),
            lambda service: service.would_propose(
                ANYBODY, patch, Terms(reason="to be said"), draft.revision,
                seen_lately(seat.taken(), now.revision, now_ns),
            ),
        )  # fmt: skip
    except GateError as error:
        st.html(warning(f"What would come of it cannot be said: {error}"))
        return
    if found.at_once:
        _at_once(draft, patch, found)
    else:
        _proposal(draft, now, patch, found, deltas)


def _at_once(draft: Draft, patch: Patch, found: Rehearsal) -> None:
    st.html(note("It only takes away: one person applies it at once, over whatever is in force then."))
    why = st.text_input(
        "Why (may follow later)", key="draft-why-now", persist_state="session", max_chars=2_000
    )

    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.propose_narrowing(actor, patch, Terms(reason=(why or "").strip()))

    def blind(service: ChangeService, actor: Actor) -> Answer:
        return service.narrow(actor, patch, (why or "").strip())

    kept = _kept(found)
    who = cannot(reader(), NARROWING_ROLES, "take anything away")
    bound_command(
        bound("draft", draft.revision),
        "Apply now",
        deed,
        because_not=who or (kept[0].words if kept and found.decision.outcome is Outcome.BLOCKED else None),
        roles=NARROWING_ROLES,
        without_store=blind,
    )


def _proposal(
    draft: Draft, now: ControlsNow, patch: Patch, found: Rehearsal, deltas: tuple[Delta, ...]
) -> None:
    blocked = found.decision.outcome is Outcome.BLOCKED
    kept = _kept(found)
    findings = [*(_finding(one, is_blocked=blocked) for one in kept), *map(_later, found.to_sign)]
    if findings:
        st.html("".join(findings))
    said = fields("draft", now.standing.record_pattern)
    exception = ""
    if any(one.code is ReasonCode.NOT_EXPAND and "NOT ENOUGH DATA" in one.words for one in found.to_sign):
        exception = str(
            st.text_area("Exception: why go on without enough data", key="draft-exception", height=70,
                         persist_state="session") or ""
        )  # fmt: skip
    widened = dict.fromkeys(one.dimension.value for one in deltas if one.direction is Direction.WIDENS)
    wanted = next(iter(widened), "allowlist")
    confirmation = typed(f"Type {wanted}, the dimension that it widens", wanted, f"draft-confirm-{wanted}")
    bound_command(
        bound("draft", draft.revision),
        "Propose",
        _proposing(draft, patch, said, exception, confirmation, wanted),
        because_not=cannot(reader(), PROPOSING_ROLES, "propose") or _because_not(draft, now, kept, blocked),
        roles=PROPOSING_ROLES,
    )


def _because_not(draft: Draft, now: ControlsNow, kept: tuple[Finding, ...], blocked: bool) -> str | None:
    if draft.revision != now.revision:
        return "the controls moved on: keep the draft over the new revision first"
    return f"not now: {kept[0].words}" if blocked and kept else None


def _proposing(
    draft: Draft, patch: Patch, said: Said, exception: str, confirmation: str, wanted: str
) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        require(confirmation, wanted, "what it widens")
        return service.propose(actor, patch, said.terms(exception), draft.revision)

    return deed


def _kept(found: Rehearsal) -> tuple[Finding, ...]:
    return tuple(one for one in found.decision.findings if one.code not in OF_THE_FORM)


def _finding(finding: Finding, *, is_blocked: bool) -> str:
    sign, cls, before = ("✕", "sg-failed", "not now: ") if is_blocked else (
        "▲", "sg-warn", "shadow lets it pass and records: ")  # fmt: skip
    code = tag("code", text(finding.code.value))
    return tag("p", glyph(sign, cls), before, prose(finding.words), " ", code, cls="sg-c-reason")


def _later(finding: Finding) -> str:
    return tag(
        "p", glyph("…", "sg-soft"), "before it can be signed: ", prose(finding.words), cls="sg-c-reason"
    )


def _last_outcome() -> None:
    """What came of the last press stays in sight, also where the draft is done with."""
    last = st.session_state.get("last-draft")
    outcome = None if last is None else outcome_of(str(last))
    if outcome is not None:
        st.html(outcome_box(outcome))
