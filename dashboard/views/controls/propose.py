"""The form that proposes one step: what it does, what would keep it from being signed, and a last look."""

from dataclasses import dataclass

import streamlit as st

from dashboard.auth.visitor import short
from dashboard.commands.perform import Deed, Needs
from dashboard.data.cached.controls import preview_of
from dashboard.data.controls_ladder import RELEASE, Rung, may_be_proposed
from dashboard.data.controls_page import ControlsNow
from dashboard.data.controls_words import deltas_of
from dashboard.server import seat
from dashboard.views.controls.blast import blast
from dashboard.views.controls.bound import Bound, bound, bound_command
from dashboard.views.controls.deltas import delta_list
from dashboard.views.controls.states import cannot, note, warning
from dashboard.views.controls.terms import Said, fields, require, typed
from dashboard.views.markup import tag, text
from dashboard.views.reader import reader
from gates.changes.answers import Answer
from gates.changes.content import CONTROLS, DRILL, Terms
from gates.changes.documents import Patch
from gates.changes.service import ChangeService
from gates.errors import GateError
from gates.policy.intent import Actor
from gates.policy.outcome import ReasonCode
from gates.policy.rules.safety import PROPOSING_ROLES
from gates.store.rows import RequestRow
from schemas.stages import Step


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the author says besides reason and record."""

    exception: str
    statement: str
    confirmation: str


def draw(now: ControlsNow, rung: Rung | None, now_ns: int) -> None:
    """Draw the form of `rung`; null where no step can be proposed."""
    waiting = _waiting(now)
    if waiting:
        st.html(waiting)
    with st.container(key="controls-propose", border=True):
        if rung is None or rung.patch is None:
            st.html(
                note("No step is chosen. The ladder says beside each what can be done, and what keeps it.")
            )
            return
        button = bound(f"propose-{rung.name}", now.revision)
        st.html(_head(now, rung))
        _look(rung.patch, now_ns)
        said = fields("controls", now.standing.record_pattern)
        asked = _asked(rung)
        bound_command(
            button,
            f"Propose {_title(rung)}",
            _deed(button, rung, said, asked, _wanted(rung)),
            needs=Needs.FRESH_PROOF if "kill" in rung.patch else Needs.SESSION,
            because_not=_because_not(rung),
            roles=PROPOSING_ROLES,
        )


def _waiting(now: ControlsNow) -> str:
    """What was asked for already, so that nobody asks again."""

    def line(row: RequestRow) -> str:
        link = tag("a", f"Request {row.number}", href=f"/review?request={row.number}", target="_self")
        said = f" of {short(row.requester)} is {row.state.value.replace('_', ' ')}: {row.reason}"
        return tag("li", link, text(said))

    rows = [row for row in now.open_requests if row.kind in (CONTROLS, DRILL)]
    return tag("ul", *map(line, rows), cls="sg-deltas sg-c-link") if rows else ""


def _head(now: ControlsNow, rung: Rung) -> str:
    deltas = delta_list(deltas_of(now.document, rung.patch or {}))
    release = (
        note("It releases the kill: somebody else signs it. It takes a fresh proof of who you are.")
        if "kill" in (rung.patch or {})
        else ""
    )
    return f'<h3 class="sg-c-title">{_title(rung)}</h3>{deltas}{release}'


def _look(patch: Patch, now_ns: int) -> None:
    try:
        st.html(blast(preview_of(seat.taken(), patch, now_ns)))
    except GateError as error:
        st.html(warning(f"The blast radius cannot be said: {error}"))


def _asked(rung: Rung) -> _Asked:
    exception = statement = confirmation = ""
    short = next((one for one in rung.to_sign if one.code is ReasonCode.NOT_EXPAND), None)
    if short is not None and "NOT ENOUGH DATA" in short.words:
        st.html(warning(f"Nobody can sign it as things stand: {short.words}."))
        exception = st.text_area(
            "Exception: why go on without enough data",
            key=f"exception-{rung.name}",
            persist_state="session",
            height=70,
            help="two people sign the stated bound; leave it empty to wait for data instead",
        )
    if rung.needs_statement:
        statement = st.text_area(
            "Why no broadening is needed",
            key=f"statement-{rung.name}",
            persist_state="session",
            height=70,
            help="100 % without one broadened dimension takes this signed statement",
        )
    wanted = _wanted(rung)
    if wanted is not None:
        means = "to let the kill go" if wanted == RELEASE else "the percent it leads to"
        confirmation = typed(f"Type {wanted}, {means}", wanted, f"confirm-{rung.name}")
    return _Asked(exception or "", statement or "", confirmation)


def _wanted(rung: Rung) -> str | None:
    """What is typed, as whoever signs it types it; null where the step lets nobody new through."""
    patch = rung.patch or {}
    if "kill" in patch:
        return RELEASE
    return str(patch["percent"]) if "percent" in patch else None


def _deed(button: Bound, rung: Rung, said: Said, asked: _Asked, wanted: str | None) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        if wanted is not None:
            require(asked.confirmation, wanted, f"{_title(rung)}")
        terms: Terms = said.terms(asked.exception, asked.statement)
        return service.propose(actor, rung.patch or {}, terms, button.revision)

    return deed


def _because_not(rung: Rung) -> str | None:
    who = cannot(reader(), PROPOSING_ROLES, "propose")
    if who is not None or may_be_proposed(rung):
        return who
    first = rung.blocked[0].words if rung.blocked else "it is behind, or takes another way"
    return f"not now: {first}"


def _title(rung: Rung) -> str:
    if rung.name == RELEASE:
        return "the release of the kill"
    if rung.name == Step.CANARY_1.value:
        return "canary-1: kill off"
    return rung.name
