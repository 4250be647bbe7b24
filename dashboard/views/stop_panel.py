"""The stop panel on every page: a component that talks to our own routes and waits for no script run."""

from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dashboard.web.pages import source

_PLACE = '<section class="stop-panel" aria-label="Stop all AI calls"></section>\n'


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "slotgate_stop_panel", html=_PLACE, css=source("stop-panel.css"), js=source("stop-panel.js")
    )


def draw() -> None:
    """Draw it; before anything that can take long or fail."""
    with st.container(key="stop"):
        _component()(key="stop-panel", data={"tall": False}, height="content")
