"""Taking away: at once, by one person on call, whatever else is broken. Each with what it does in words."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.commands.perform import Deed, Needs
from dashboard.data.cached.controls import asked
from dashboard.data.controls_page import ControlsNow
from dashboard.data.controls_words import deltas_of, in_words, lower_percent
from dashboard.server import seat
from dashboard.views.command import command
from dashboard.views.controls.bound import bound, bound_command
from dashboard.views.controls.states import cannot, note, section
from dashboard.views.controls.terms import Said
from dashboard.views.reader import reader
from gates.changes.answers import Answer
from gates.changes.content import Terms
from gates.changes.documents import Patch
from gates.changes.service import ChangeService
from gates.errors import GateError, RequestConflict
from gates.policy.diff import widens
from gates.policy.intent import Actor
from gates.policy.ladder_steps import PERCENT_OF
from gates.policy.rules.safety import NARROWING_ROLES

ANCHOR = "to-take-away"
"""What a link of the page names this part by."""


def draw(now: ControlsNow) -> None:
    """Every narrowing; the kill itself is the red button on every page."""
    who = cannot(reader(), NARROWING_ROLES, "take anything away")
    with st.container(key="controls-narrow", border=True):
        why = st.text_input(
            "Why (may follow later)", key="narrow-why", persist_state="session", max_chars=2_000
        )
        document, reason = now.document, why or ""
        _ways(document, reason, who)
        _undo(now, reason, who)
        st.html(note("To stop everything use the red button above: it works while this page does not."))


def draw_without_record(document: Mapping[str, Any]) -> None:
    """The same over the control file alone, where the record of changes cannot be read."""
    who = cannot(reader(), NARROWING_ROLES, "take anything away")
    st.html(
        section("Take away", "from what the control file holds now, at once; it is recorded late", ANCHOR)
    )
    with st.container(key="controls-narrow", border=True):
        why = st.text_input(
            "Why (may follow later)", key="narrow-why", persist_state="session", max_chars=2_000
        )
        _ways(document, why or "", who)


def _ways(document: Mapping[str, Any], reason: str, who: str | None) -> None:
    _percent(int(document["percent"]), reason, who)
    _rule(document, reason, who)
    _whole(
        "Allowlist off",
        "allowlist",
        {"allowlist": {**document["allowlist"], "enabled": False}},
        "no job is permitted any more: every job gets a stub",
        reason,
        who or (None if document["allowlist"]["enabled"] else "the allowlist is off already"),
    )
    _whole(
        "Feature off",
        "feature",
        {"feature": False},
        "every job gets a stub without an errorCode, as before the rollout",
        reason,
        who or (None if document["feature"] else "the feature is off already"),
    )


def _percent(percent: int, reason: str, who: str | None) -> None:
    if percent == 0:
        _whole("Lower the percent", "percent", {"percent": 0}, "", reason, who or "percent is 0 already")
        return
    before = max((one for one in PERCENT_OF.values() if one < percent), default=0)
    wanted = st.number_input(
        "Lower the percent to",
        min_value=0,
        max_value=percent - 1,
        value=before,
        step=1,
        key=f"narrow-percent-{percent}",
        help="the step before is preset",
        width=220,
    )
    lower = int(wanted)
    words = lower_percent(percent, lower)
    _whole(f"Lower to {lower} %", "percent", {"percent": lower}, words, reason, who)


def _rule(document: Mapping[str, Any], reason: str, who: str | None) -> None:
    rules = document["allowlist"]["rules"]
    enabled = [rule["id"] for rule in rules if rule["enabled"]]
    if not enabled or not document["allowlist"]["enabled"]:
        return
    chosen = st.selectbox("Disable a rule", enabled, key="narrow-which-rule", width=320)
    off = [{**rule, "enabled": rule["enabled"] and rule["id"] != chosen} for rule in rules]
    patch = {"allowlist": {**document["allowlist"], "rules": off}}
    last = " It is the last one: nothing is permitted then." if len(enabled) == 1 else ""
    _whole(
        "Disable this rule",  # labels are markdown: no name of somebody else's in one
        "rule",
        patch,
        in_words(deltas_of(document, patch)) + "." + last,
        reason,
        who,
    )


def _whole(label: str, name: str, patch: Patch, words: str, reason: str, because_not: str | None) -> None:
    with st.container(key=f"narrow-{name}", gap=None):
        command(
            label,
            _narrowing(patch, reason),
            key=f"do-narrow-{name}",
            name=f"narrow {name}",
            because_not=because_not,
            roles=NARROWING_ROLES,
            without_store=_narrowing_blind(patch, reason),
        )
        if words and because_not is None:
            st.html(note(words))


def _narrowing(patch: Patch, reason: str) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.propose_narrowing(actor, patch, Terms(reason=reason.strip()))

    return deed


def _narrowing_blind(patch: Patch, reason: str) -> Deed:
    """Down is open also while nobody can read who changed what."""

    def deed(service: ChangeService, actor: Actor) -> Answer:
        return service.narrow(actor, patch, reason.strip())

    return deed


def _undo(now: ControlsNow, reason: str, who: str | None) -> None:
    """Back to the controls before: at once where that narrows, a proposal where it widens."""
    button = bound("revert", now.revision)
    try:
        patch = asked(seat.taken(), lambda service: service.way_back().patch)
    except GateError as error:
        bound_command(button, "Undo the last change", _revert(button.revision, reason, "", widens=False),
                      because_not=who or str(error), primary=False)  # fmt: skip
        return
    deltas = deltas_of(now.document, patch)
    is_wider = widens(deltas)
    record = str(st.session_state.get("controls-record") or "")
    with st.container(key="narrow-revert", gap=None):
        bound_command(
            button,
            "Propose to undo the last change" if is_wider else "Undo the last change",
            _revert(button.revision, reason, record, widens=is_wider),
            needs=Needs.FRESH_PROOF if patch.get("kill") is False else Needs.SESSION,
            because_not=who,
            primary=False,
        )
        tail = (
            " That gives back: it takes a request, a reason, and the decision record of the proposal form."
            if is_wider
            else ""
        )
        st.html(note(in_words(deltas) + "." + tail))


def _revert(revision: int, reason: str, record: str, *, widens: bool) -> Deed:
    def deed(service: ChangeService, actor: Actor) -> Answer:
        if service.newest().revision != revision:
            raise RequestConflict(
                f"the controls moved on since revision {revision}, which you saw; look again, then undo"
            )
        terms = Said(reason, record).terms() if widens else Terms(reason=reason.strip())
        return service.revert(actor, terms)

    return deed
