"""The entry script: navigation only. Streamlit runs it once for every visit and change of page."""

import streamlit as st

from dashboard.views import frame
from dashboard.views.pages import PAGES

# Streamlit gives its default page no address of its own: the first page stands at `/` and at its path.
start = st.Page(PAGES[0].render, title=PAGES[0].title, default=True)
pages = [st.Page(entry.render, title=entry.title, url_path=entry.path) for entry in PAGES]
page = st.navigation([start, *pages], position="hidden")
frame.draw(page.title, pages)
page.run()
