"""One rule of the draft as a form: a list for each dimension, with free entry, and what can be done to it."""

from collections.abc import Mapping

import streamlit as st

from dashboard.data.controls_draft import FIELDS, Draft, DraftRule, with_rule, without_rule
from dashboard.views.controls import drafts

_HELP = {
    "slotIds": "leave it empty to permit any slot",
    "kinds": "statutory, assessment, explanatory, or what your specs say",
}


def rule_form(one: DraftRule, known: Mapping[str, list[str]]) -> None:
    """Draw it."""
    rule, uid = one.rule, one.uid
    with st.container(key=f"draft-rule-{uid}", border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Rule id",
                key=drafts.fill(uid, rule, "id"),
                on_change=drafts.typed,
                args=(uid, "id"),
                width=240,
            )
            st.number_input(
                "Most jobs a run",
                min_value=1,
                max_value=100,
                step=1,
                key=drafts.fill(uid, rule, "maxJobsPerRun"),
                on_change=drafts.typed,
                args=(uid, "maxJobsPerRun"),
                help="a job spec with more jobs than this is not permitted by this rule",
                width=150,
            )
            st.toggle(
                "Enabled",
                key=drafts.fill(uid, rule, "enabled"),
                on_change=drafts.typed,
                args=(uid, "enabled"),
            )
            st.button("Duplicate", key=f"draft-copy-{uid}", on_click=_copy, args=(uid,), type="tertiary")
            st.button("Remove", key=f"draft-remove-{uid}", on_click=_remove, args=(uid,), type="tertiary")
        columns = st.columns(3, gap="small")
        for index, (name, title) in enumerate(FIELDS.items()):
            key = drafts.fill(uid, rule, name)
            columns[index % 3].multiselect(
                title,
                _options(known.get(name, []), name, uid),
                key=key,
                on_change=drafts.typed,
                args=(uid, name),
                accept_new_options=True,
                wrap=True,
                placeholder="type to add",
                help=_HELP.get(name, "type a new value and press Enter, or pick one of another rule"),
            )


def _options(known: list[str], name: str, uid: int) -> list[str]:
    """Everything that is chosen must be among the options, also what was typed just now."""
    chosen = st.session_state.get(drafts.field_key(uid, name)) or []
    return list(dict.fromkeys([*known, *(str(value) for value in chosen)]))


def _copy(uid: int) -> None:
    draft = st.session_state.get(drafts.KEY)
    if isinstance(draft, Draft):
        rule = next(one.rule for one in draft.rules if one.uid == uid)
        drafts.hold(with_rule(draft, rule))


def _remove(uid: int) -> None:
    draft = st.session_state.get(drafts.KEY)
    if isinstance(draft, Draft):
        drafts.hold(without_rule(draft, uid))
