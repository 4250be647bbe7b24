"""What is owed and what is exceptional: a ROLL BACK that stands, break-glass, reasons, the drill, limits."""

import streamlit as st

from dashboard.auth.visitor import short
from dashboard.commands.perform import Deed, Needs
from dashboard.data import format as words
from dashboard.data.cached.controls import asked
from dashboard.data.controls_ladder import ANYBODY, OF_THE_FORM, RELEASE
from dashboard.data.controls_page import ControlsNow
from dashboard.server import seat
from dashboard.views.command import command
from dashboard.views.controls.bound import bound, bound_command
from dashboard.views.controls.limits import limits
from dashboard.views.controls.states import cannot, note, section, warning
from dashboard.views.controls.terms import Said, fields, require, typed
from dashboard.views.links import link
from dashboard.views.markup import tag
from dashboard.views.reader import reader
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.service import ChangeService
from gates.errors import GateError, InvalidChange, RequestConflict
from gates.policy.intent import Actor
from gates.policy.outcome import Outcome
from gates.policy.rules.safety import BREAK_GLASS_ROLES, NARROWING_ROLES, PROPOSING_ROLES
from gates.store.rows import OwedKind, OwedRow

GLASS = "break glass"


def draw(now: ControlsNow, now_ns: int) -> None:
    """Draw both columns."""
    left, right = st.columns(2, gap="large")
    with left:
        _roll_back(now)
        _owed(now, now_ns)
        limits(now, now_ns)
    with right:
        _release(now)
        said = _said(now)
        _break_glass(now, said)
        _drill(now, said)


def _release(now: ControlsNow) -> None:
    """Where two people release the kill: what they sign is a step of the ladder."""
    if now.values.kill:
        there = link("controls", "Prepare the release", step=RELEASE)
        st.html(section("Release", "two people: one proposes it, another signs it"))
        st.html(tag("p", there, " on the ladder. What keeps it is said there.", cls="sg-note"))


def _said(now: ControlsNow) -> Said:
    st.html(section("Reason", "for a release or a drill; it stays on record"))
    return fields("duties", now.standing.record_pattern)


def _roll_back(now: ControlsNow) -> None:
    st.html(section("ROLL BACK", "stands until somebody who knows its cause acknowledges it"))
    latched = now.standing.latched
    st.html(note("None stands.") if latched is None else warning(f"It stands: {latched}"))
    cause = st.text_area(
        "Its cause, and why it is over", key="ack-reason", persist_state="session", height=70, max_chars=2_000
    )

    def deed(service: ChangeService, actor: Actor) -> Answer:
        if service.standing().latched != latched:
            raise RequestConflict("another ROLL BACK stands than the one you saw; look at it first")
        return service.acknowledge(actor, (cause or "").strip())

    nothing = "no ROLL BACK stands that could be acknowledged" if latched is None else None
    command(
        "Acknowledge the ROLL BACK",
        deed,
        key="do-acknowledge",
        name="acknowledge",
        because_not=cannot(reader(), NARROWING_ROLES, "acknowledge") or nothing,
        roles=NARROWING_ROLES,
    )


def _owed(now: ControlsNow, now_ns: int) -> None:
    st.html(section("Owed", "reasons and reviews that somebody owes after acting alone"))
    if not now.owed:
        st.html(note("Nothing is owed."))
    for debt in now.owed:
        _debt(debt, now_ns)


def _debt(debt: OwedRow, now_ns: int) -> None:
    is_review = debt.kind is OwedKind.RELEASE_REVIEW
    what = "The review of the break-glass release" if is_review else "The reason for the kill"
    left = (debt.due_ns - now_ns) / 1e9
    due = f"due in {words.duration(left)}" if left > 0 else f"overdue for {words.duration(-left)}"
    whose = f"{what} of revision {debt.revision}, by {short(debt.operator_id)}: {due}."
    st.html(note(whose) if left > 0 else warning(whose))
    text = st.text_area(
        f"{what}, revision {debt.revision}", key=f"owed-{debt.owed_id}", persist_state="session", height=70
    )

    def deed(service: ChangeService, actor: Actor) -> str:
        if not (text or "").strip():
            raise InvalidChange("write it into the field above, then give it")
        service.give(actor, debt.owed_id, (text or "").strip())
        return f"given for revision {debt.revision}; thank you"

    command(
        "Give the review" if is_review else "Give the reason",
        deed,
        key=f"do-give-{debt.owed_id}",
        name="give owed",
        because_not=None if reader() is not None else "nobody is signed in; sign in to give it",
        roles=None,
    )


def _break_glass(now: ControlsNow, said: Said) -> None:
    st.html(section("Break-glass", "one person releases the kill for 60 minutes"))
    st.html(
        note(
            "For a kill that does harm while nobody can sign. It releases the kill alone, brings back the "
            "step that was killed, and after 60 minutes the kill is on again by itself. "
            "Every decision under it is marked; a review by somebody else is owed within 24 h, and no other "
            "release like this comes before it. It takes a fresh proof of who you are."
        )
    )
    confirmation = typed(f"Type {GLASS} to confirm", GLASS, "break-glass-confirm")
    button = bound("break-glass", now.revision)

    def deed(service: ChangeService, actor: Actor) -> Answer:
        require(confirmation, GLASS, "the release by one person")
        if service.newest().revision != button.revision:
            raise RequestConflict(
                f"the controls moved on since revision {button.revision}; look at them first"
            )
        return service.break_glass(actor, said.terms())

    bound_command(
        button,
        "Release for 60 minutes",
        deed,
        needs=Needs.FRESH_PROOF,
        because_not=cannot(reader(), BREAK_GLASS_ROLES, "break the glass") or _no_glass(now),
        primary=False,
        roles=BREAK_GLASS_ROLES,
    )


def _no_glass(now: ControlsNow) -> str | None:
    if not now.values.kill:
        return "the kill is off, or released already"
    try:
        found = asked(seat.taken(), lambda service: service.would_break_glass(ANYBODY, Terms(reason="asked")))
    except GateError as error:
        return str(error)
    kept = [one for one in found.decision.findings if one.code not in OF_THE_FORM]
    if found.decision.outcome is Outcome.BLOCKED and kept:
        return kept[0].words
    return None


def _drill(now: ControlsNow, said: Said) -> None:
    st.html(section("Drill", "the tested rollback that the beta criteria ask for"))
    st.html(
        note(
            "Engages the kill, has telemetry confirm it, brings back these controls within 15 minutes; "
            "where it is not confirmed, it stays killed. Two people: one signs the request, then it is run "
            "from a shell with `slotgate drill kill N`."
        )
    )
    command(
        "Propose a drill",
        _proposing(said),
        key="do-drill",
        name="propose drill",
        because_not=cannot(reader(), PROPOSING_ROLES, "propose a drill")
        or ("the kill is on: there is nothing to drill" if now.values.kill else None),
        roles=PROPOSING_ROLES,
    )


def _proposing(said: Said) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.propose_drill(actor, said.terms())

    return deed
