"""Commands that are bound to the revision which their author saw.

The button's key names that revision. When the controls move on, another button is drawn; a click that was
on its way to the old one is carried out over the old revision, and the service says that it came too late.
"""

from dataclasses import dataclass

import streamlit as st

from dashboard.commands.outcome import Done
from dashboard.commands.perform import CHANGING, Deed, Needs
from dashboard.views.command import command, outcome_box, outcome_of
from dashboard.views.markup import tag, text
from gates.policy.intent import Role


@dataclass(frozen=True, slots=True)
class Bound:
    """A button of the revision `revision`. `is_pressed`: its click is what this run of the page is about."""

    name: str
    key: str
    revision: int
    is_pressed: bool


def bound(name: str, revision: int) -> Bound:
    """The button to draw: the pressed one, whatever it was drawn for, else that of `revision`."""
    stem = f"do-{name}@"
    for key in list(st.session_state):
        if str(key).startswith(stem) and str(key)[len(stem) :].isdigit() and st.session_state[key] is True:
            return Bound(name, str(key), int(str(key)[len(stem) :]), True)
    return Bound(name, f"{stem}{revision}", revision, False)


def pressed(start: str) -> str | None:
    """What follows `start` in the name of the button that was pressed, or null: its form is to be drawn."""
    for key in list(st.session_state):
        name, _, revision = str(key).removeprefix("do-").rpartition("@")
        if name.startswith(start) and revision.isdigit() and st.session_state[key] is True:
            return name.removeprefix(start)
    return None


def bound_command(
    button: Bound,
    label: str,
    deed: Deed,
    *,
    needs: Needs = Needs.SESSION,
    because_not: str | None = None,
    primary: bool = True,
    roles: frozenset[Role] | None = CHANGING,
    without_store: Deed | None = None,
) -> None:
    """Draw it. A pressed one is carried out even where the page would not offer it any more: the roles that
    it takes and the service say whether it may be.
    """
    last = f"last-{button.name}"
    if button.is_pressed:
        st.session_state[last] = button.key
    command(
        label,
        deed,
        key=button.key,
        name=button.name,
        needs=needs,
        primary=primary,
        because_not=None if button.is_pressed else because_not,
        roles=roles,
        without_store=without_store,
    )
    before = st.session_state.get(last)
    outcome = None if before is None else outcome_of(str(before))
    if outcome is None:
        return
    if before != button.key:
        st.html(outcome_box(outcome))
    request = outcome.answer.request if isinstance(outcome, Done) and outcome.answer is not None else None
    if request is not None:
        href = f"/review?request={request}"
        link = tag("a", text(f"Request {request}: show it to an approver"), href=href, target="_self")
        st.html(tag("p", link, cls="sg-c-link"))
