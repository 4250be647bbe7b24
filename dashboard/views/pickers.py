"""What the reader chooses, kept in the address bar so that a link shows the same view.

Streamlit's own binding would write the labels there; these write the stable names.
"""

from collections.abc import Collection

import streamlit as st

from dashboard.data.scope import ALL_TIME, SCOPES, WINDOW_BY_NAME, Everything, spelling, title


def scope_picker() -> str:
    """The stage or step to look at, by its name in `SCOPES`."""
    default = spelling(Everything())
    _from_address("scope", SCOPES, default)
    chosen = st.selectbox(
        "Stage or step",
        list(SCOPES),
        key="scope",
        format_func=lambda name: title(SCOPES[name]),
        on_change=_into_address,
        args=("scope", default),
        label_visibility="collapsed",
        width=240,
    )
    return str(chosen)


def window_picker() -> str:
    """How far back to look, by its name in `WINDOW_BY_NAME`."""
    _from_address("window", WINDOW_BY_NAME, ALL_TIME.name)
    chosen = st.segmented_control(
        "Window",
        list(WINDOW_BY_NAME),
        key="window",
        format_func=lambda name: WINDOW_BY_NAME[name].label,
        on_change=_into_address,
        args=("window", ALL_TIME.name),
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen)


def _from_address(name: str, known: Collection[str], default: str) -> None:
    """On the first run of a visit take the value from the address; what is not known there is ignored."""
    if name in st.session_state:
        return
    asked = st.query_params.get(name, default)
    st.session_state[name] = asked if asked in known else default


def _into_address(name: str, default: str) -> None:
    chosen = st.session_state[name]
    if chosen == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen
