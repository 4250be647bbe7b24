"""What stands around every page: title, stylesheet, the notice of the home, the name of the product."""

from functools import cache
from pathlib import Path

import streamlit as st

from dashboard.server import seat
from dashboard.views import stop_panel
from dashboard.views.markup import tag, text

FOLDER = Path(__file__).parent


def draw(page_title: str) -> None:
    """Draw the frame; call it once, before the page."""
    st.set_page_config(
        page_title=f"{page_title} · slotgate",
        page_icon=str(FOLDER / "icon.png"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    notice = seat.taken().notice
    banner = "" if notice is None else tag("div", text(notice), cls="sg-notice", role="note")
    st.html(f"<style>{_stylesheet()}</style>{banner}")
    stop_panel.draw()


@cache
def _stylesheet() -> str:
    return (FOLDER / "style.css").read_text(encoding="utf-8")
