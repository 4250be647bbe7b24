"""What stands around every page: title, stylesheet, notice of the home, navigation, the stop panel."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.server import seat
from dashboard.views import stop_panel
from dashboard.views.markup import tag, text
from dashboard.views.prose import prose

FOLDER = Path(__file__).parent


def draw(page_title: str, pages: Sequence[StreamlitPage]) -> None:
    """Draw the frame; call it once, before the page."""
    st.set_page_config(
        page_title=f"{page_title} · slotgate",
        page_icon=str(FOLDER / "icon.png"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    notices = seat.taken().notices()
    banner = "".join(tag("div", prose(notice), cls="sg-notice", role="note") for notice in notices)
    st.html(f"<style>{_stylesheet()}</style>{banner}")
    stop_panel.draw()
    _navigation(page_title, pages)


def _navigation(page_title: str, pages: Sequence[StreamlitPage]) -> None:
    """Flat: Streamlit's sectioned one fails accessibility checks. One line, scrolled sideways on a phone."""
    with st.container(key="nav", horizontal=True, gap="small"):
        for page in pages:
            here = page.title == page_title
            with st.container(key=f"nav-{'here' if here else page.url_path or 'overview'}", width="content"):
                st.page_link(page, label=page.title)
    st.html(tag("h1", text(page_title), cls="sg-page-title", data_page=page_title))


@cache
def _stylesheet() -> str:
    sheets = sorted((FOLDER / "styles").glob("*.css"))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
