"""Which list and which states are shown; kept in the address."""

from collections.abc import Mapping

import streamlit as st

from dashboard.beta.words import TITLES
from dashboard.views.address import from_address, into_address
from gates.beta.checklist import State
from gates.beta.items import BetaList

ALL = ""
UNMET = "unmet"
_LISTS = {ALL: "all lists", **{belongs.value: TITLES[belongs] for belongs in BetaList}}
_STATES = {ALL: "any state", UNMET: "not met", **{state.value: state.value for state in State}}


def chosen() -> tuple[str, str]:
    """Draw both inputs: the list and the state, empty for all."""
    return _picked("list", "List", _LISTS), _picked("state", "State", _STATES)


def _picked(name: str, label: str, words: Mapping[str, str]) -> str:
    from_address(name, words, ALL)
    found = st.selectbox(
        label,
        list(words),
        key=name,
        format_func=lambda value: words[value],
        on_change=into_address,
        args=(name, ALL),
        width=240,
    )
    return str(found or ALL)
