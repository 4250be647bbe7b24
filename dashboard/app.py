"""The entry script: navigation only. Streamlit runs it once for every visit and change of page."""

import streamlit as st

from dashboard.views import frame
from dashboard.views.pages import PAGES

pages = [
    st.Page(entry.render, title=entry.title, url_path=entry.path, default=number == 0)
    for number, entry in enumerate(PAGES)
]
page = st.navigation(pages, position="hidden")
frame.draw(page.title, pages)
page.run()
