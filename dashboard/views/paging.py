"""Page by page through what is listed newest first: the page that the address names, and the ways on."""

from collections.abc import Mapping

import streamlit as st

from dashboard.views.links import link
from dashboard.views.markup import tag

_DIGITS = 6
"""A page's number has no more: beyond it is nothing to be found, and an address may say anything."""


def asked_page() -> int:
    """The page that the address names, from 1; what is no number is the first."""
    said = st.query_params.get("page", "1")
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) <= _DIGITS else 1


def page_links(path: str, of: str, page: int, pages: int, query: Mapping[str, str]) -> None:
    """Draw links to the newer and the older page; `path` and `query` are what every page has in common."""
    before = link(path, f"Newer {of}", **query, page=page - 1) if page > 1 else ""
    after = link(path, f"Older {of}", **query, page=page + 1) if page < pages else ""
    if before or after:
        st.html(tag("nav", before, after, cls="sg-paging", aria_label=f"Pages of {of}"))
