"""The entry script: navigation only. Streamlit runs it once for every visit and change of page."""

import streamlit as st

from dashboard.views import frame, overview

page = st.navigation(
    [st.Page(overview.render, title="Overview", url_path="overview", default=True)], position="hidden"
)
frame.draw(page.title)
page.run()
