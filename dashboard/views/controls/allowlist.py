"""The allowlist editor: rules as forms, and while they are edited what the draft widens and narrows."""

import streamlit as st

from dashboard.data.controls_draft import (
    Draft,
    as_allowlist,
    begun,
    faults,
    known_values,
    meanwhile,
    over,
    with_rule,
)
from dashboard.data.controls_example import EXAMPLE, smallest
from dashboard.data.controls_page import ControlsNow
from dashboard.views.controls import drafts
from dashboard.views.controls.deltas import delta_list
from dashboard.views.controls.draft_deed import verdict_on
from dashboard.views.controls.rule_form import rule_form
from dashboard.views.controls.states import note, section
from dashboard.views.markup import glyph, tag, text
from dashboard.views.prose import prose


def draw(now: ControlsNow, now_ns: int) -> None:
    """Draw the draft on the left, and what it comes to on the right."""
    draft = drafts.held(now.document)
    left, right = st.columns([13, 9], gap="large")
    with left:
        st.html(
            section(
                "Allowlist rules",
                "a draft: nothing is in force until it is proposed, or applied where it only narrows",
            )
        )
        if draft.revision != now.revision:
            _moved(draft, now)
        _switches(draft, now)
        known = known_values(now.document, draft)
        for one in draft.rules:
            rule_form(one, known)
        if not draft.rules:
            st.html(note("No rules: nothing is permitted. Begin with the smallest one."))
    with right, st.container(key="controls-draft-side"):
        st.html(section("What the draft changes", f"against revision {draft.revision}"))
        wrong = faults(draft)
        if wrong:
            st.html(_faults(wrong))
            return
        verdict_on(draft, now, now_ns)


def _switches(draft: Draft, now: ControlsNow) -> None:
    if "draft-enabled" not in st.session_state:
        st.session_state["draft-enabled"] = draft.enabled
    with st.container(key="draft-switches", horizontal=True, vertical_alignment="center"):
        st.toggle("Allowlist on", key="draft-enabled", on_change=drafts.switched)
        st.button("Add a rule", key="draft-add", on_click=_add)
        st.button(
            "Smallest rule set",
            key="draft-smallest",
            on_click=_smallest,
            args=(now,),
            help="one value in each dimension, one slot, one job a run: what the allowlist begins with",
        )
        st.button(
            "Discard the draft",
            key="draft-discard",
            on_click=_discard,
            args=(now,),
            disabled=not draft.is_changed,
            type="tertiary",
        )


def _moved(draft: Draft, now: ControlsNow) -> None:
    """The controls moved on under the draft: say what changed, and keep the draft."""
    changed = delta_list(
        meanwhile(draft, now.document), "Nothing that lets more or fewer jobs through changed."
    )
    head = tag(
        "p",
        glyph("▲", "sg-warn"),
        tag("b", text(f"The controls moved on from revision {draft.revision} to {now.revision}. ")),
        "Your draft is kept. Meanwhile changed:",
    )
    st.html(tag("div", head, changed, cls="sg-outcome sg-refused", role="alert"))
    with st.container(key="draft-moved", horizontal=True):
        st.button(
            f"Keep the draft, over revision {now.revision}", key="draft-over", on_click=_over, args=(now,)
        )
        st.button("Begin anew from what is in force", key="draft-anew", on_click=_discard, args=(now,))


def _faults(wrong: tuple[str, ...]) -> str:
    head = tag("p", glyph("✕", "sg-failed"), tag("b", "The draft is not a valid allowlist yet"))
    body = tag("ul", *(tag("li", prose(words)) for words in wrong))
    kept = tag("p", "Nothing is lost: correct it in the rule.", cls="sg-note")
    return tag("div", head, body, kept, cls="sg-outcome sg-refused", role="alert", data_faults=len(wrong))


def _add() -> None:
    draft = st.session_state.get(drafts.KEY)
    if isinstance(draft, Draft):
        drafts.hold(with_rule(draft, draft.rules[0].rule if draft.rules else EXAMPLE))


def _smallest(now: ControlsNow) -> None:
    draft = drafts.held(now.document)
    drafts.redraw()
    drafts.hold(as_allowlist(draft, smallest(draft.allowlist)))


def _discard(now: ControlsNow) -> None:
    drafts.redraw()
    drafts.hold(begun(now.document))


def _over(now: ControlsNow) -> None:
    drafts.hold(over(drafts.held(now.document), now.document))
