"""What the reader chooses, kept in the address bar so that a link shows the same view.

See `dashboard.views.address`.
"""

import streamlit as st

from dashboard.data.scope import ALL_TIME, SCOPES, WINDOW_BY_NAME, Everything, spelling, title
from dashboard.views.address import from_address, into_address


def scope_picker() -> str:
    """The stage or step to look at, by its name in `SCOPES`."""
    default = spelling(Everything())
    from_address("scope", SCOPES, default)
    chosen = st.selectbox(
        "Stage or step",
        list(SCOPES),
        key="scope",
        format_func=lambda name: title(SCOPES[name]),
        on_change=into_address,
        args=("scope", default),
        label_visibility="collapsed",
        width=240,
    )
    return str(chosen)


def window_picker() -> str:
    """How far back to look, by its name in `WINDOW_BY_NAME`."""
    from_address("window", WINDOW_BY_NAME, ALL_TIME.name)
    chosen = st.segmented_control(
        "Window",
        list(WINDOW_BY_NAME),
        key="window",
        format_func=lambda name: WINDOW_BY_NAME[name].label,
        on_change=into_address,
        args=("window", ALL_TIME.name),
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen)
