"""The draft of an allowlist: outside of every widget, so that no redraw and no other page loses it.

It is also on the shelf of the reader's session, where a page that is loaded anew finds it.
"""

from typing import Any

import streamlit as st

from dashboard.commands.shelf import Shelf
from dashboard.data.controls_draft import Draft, begun, of_rule, with_field, with_switch
from dashboard.views.reader import reader

KEY = "controls-draft"
_SHELF: Shelf[Draft] = Shelf()


def held(document: dict[str, Any]) -> Draft:
    """The draft of this visit; a new one over `document` where there is none, or it changes nothing."""
    draft = st.session_state.get(KEY) or _on_the_shelf(document)
    if isinstance(draft, Draft) and (draft.is_changed or draft.base == document):
        st.session_state[KEY] = draft
        return draft
    return hold(begun(document))


def hold(draft: Draft) -> Draft:
    """Keep this one."""
    st.session_state[KEY] = draft
    session = _session()
    if session is not None and draft.is_changed:
        _SHELF.put(session, draft)
    elif session is not None:
        _SHELF.take_down(session)
    return draft


def _on_the_shelf(document: dict[str, Any]) -> Draft | None:
    """What was begun in another window or before a reload; not one of another home."""
    session = _session()
    kept = None if session is None else _SHELF.get(session)
    return kept if kept is not None and kept.base["environment"] == document["environment"] else None


def _session() -> str | None:
    who = reader()
    return None if who is None else who.session


def field_key(uid: int, name: str) -> str:
    """The widget of one field of one rule."""
    return f"draft-{uid}-{name}"


def fill(uid: int, rule: Any, name: str) -> str:
    """Put what the draft says into the widget, where it has not been drawn lately. Its key."""
    key = field_key(uid, name)
    value = of_rule(rule, name)
    if key not in st.session_state:
        st.session_state[key] = list(value) if isinstance(value, (list, tuple)) else value
    return key


def typed(uid: int, name: str) -> None:
    """After an edit: into the draft. For `on_change`."""
    draft, value = st.session_state.get(KEY), st.session_state[field_key(uid, name)]
    if isinstance(draft, Draft):
        hold(with_field(draft, uid, name, value))


def switched() -> None:
    """After the allowlist was switched in the draft. For `on_change`."""
    draft = st.session_state.get(KEY)
    if isinstance(draft, Draft):
        hold(with_switch(draft, bool(st.session_state["draft-enabled"])))


def redraw() -> None:
    """Let every field be filled from the draft again, as after it was replaced as a whole."""
    for key in [key for key in st.session_state if str(key).startswith("draft-")]:
        del st.session_state[key]
