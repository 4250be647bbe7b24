"""Buttons that change something: done once, and what came of it stays beside them until the next one.

A page's script may run again while a click is on its way, so a click carries the number of the button
as it was drawn; see `dashboard.commands.once`.
"""

from uuid import uuid4

import streamlit as st

from dashboard.commands.outcome import CommandOutcome, Cure, Done, Refused
from dashboard.commands.perform import CHANGING, Deed, Needs
from dashboard.server import seat
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose
from dashboard.views.reader import reader
from gates.changes.answers import Answer
from gates.policy.intent import Role
from gates.policy.outcome import Outcome

NOBODY = Refused("nobody can act through these pages: this home has no store yet; `slotgate init` makes one")


def command(
    label: str,
    deed: Deed,
    *,
    key: str,
    name: str,
    needs: Needs = Needs.SESSION,
    primary: bool = False,
    because_not: str | None = None,
    roles: frozenset[Role] | None = CHANGING,
    without_store: Deed | None = None,
) -> None:
    """A button that carries out `deed` as the reader, and the outcome of the last time under it.

    `name` is what the record calls it. `because_not` says why it cannot be pressed now; null lets it. It
    takes one of `roles` in every mode, null where the service itself sees to that. `without_store` does the
    same where the store cannot be used: for what only takes away. A press that should not have been possible
    is refused too (`Performer.perform`).
    Draw it outside the live part: a command draws the whole page anew, with `st.rerun`.
    """
    number = str(st.session_state.setdefault(f"{key}-number", uuid4().hex))
    if st.button(
        label, key=key, type="primary" if primary else "secondary", disabled=because_not is not None
    ):
        performer, who = seat.taken().performer, reader()
        st.session_state[f"{key}-outcome"] = (
            NOBODY
            if performer is None
            else performer.perform(
                who,
                number,
                name,
                needs,
                deed,
                roles=roles,
                because_not=because_not,
                without_store=without_store,
            )
        )
        st.session_state[f"{key}-number"] = uuid4().hex
        st.rerun(scope="app")
    if because_not is not None:
        st.html(tag("p", glyph("–", "sg-soft"), prose(because_not), cls="sg-because"))
    outcome = st.session_state.get(f"{key}-outcome")
    if outcome is not None:
        st.html(outcome_box(outcome))


def outcome_of(key: str) -> CommandOutcome | None:
    """What the last press of the button `key` led to."""
    found: CommandOutcome | None = st.session_state.get(f"{key}-outcome")
    return found


def outcome_box(outcome: CommandOutcome) -> str:
    """What came of a command, as markup."""
    answer = outcome.answer
    findings = (
        ""
        if answer is None
        else "".join(
            tag("li", tag("code", text(one.code)), " ", prose(one.words)) for one in answer.decision.findings
        )
    )
    inner = tag("ul", findings) if findings else ""
    if answer is not None and answer.decision.outcome is Outcome.WOULD_BLOCK:
        inner = tag("p", glyph("▲", "sg-warn"), "Shadow let it pass, and it is on record:") + inner
    if answer is not None and findings:
        inner += tag("p", tag("b", "Next legal step: "), prose(answer.decision.next_step))
    match outcome:
        case Done(words):
            head = tag("p", glyph("✓", "sg-ok"), tag("b", "Done: "), prose(words), _request(answer))
            return tag("div", head, inner, cls="sg-outcome sg-done-well", role="status")
        case Refused(words, _, cure):
            head = tag("p", glyph("✕", "sg-failed"), tag("b", "Nothing changed: "), prose(words), _way(cure))
            return tag("div", head, inner, cls="sg-outcome sg-refused", role="alert")


def _request(answer: Answer | None) -> str:
    """Where the request stands that a command opened or moved on."""
    if answer is None or answer.request is None or st.query_params.get("request") == str(answer.request):
        return ""
    return " " + tag(
        "a", text(f"Open request {answer.request}"), href=f"/review?request={answer.request}", target="_self"
    )


def _way(cure: Cure | None) -> str:
    if cure is None:
        return ""
    query = "" if cure is Cure.SIGN_IN else "again=1&"
    return " " + tag("a", text(cure.value), href=f"/sign-in?{query}next={_here()}", target="_self")


def _here() -> str:
    from urllib.parse import quote, urlsplit

    parts = urlsplit(st.context.url or "/")
    return quote(parts.path + (f"?{parts.query}" if parts.query else ""), safe="")
