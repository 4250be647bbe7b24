"""A panel whose source does not answer says so in its place; the rest of the page goes on."""

from collections.abc import Callable
from typing import TypeVar

import duckdb
import streamlit as st

from dashboard.errors import QueryTimeout
from dashboard.views.markup import glyph, tag, text
from dashboard.views.states import failed_query
from ingest.errors import IngestError

T = TypeVar("T")


def beside(ask: Callable[[], T | None], name: str) -> T | None:
    """What was counted beside the page; null, and said in the place of `name`, while it is counted."""
    asked = tried(lambda: (ask(),))
    if asked is not None and asked[0] is None:
        st.html(tag("p", text(f"{name}: being counted …"), cls="sg-note", role="status"))
    return None if asked is None else asked[0]


def tried(ask: Callable[[], T]) -> T | None:
    """What `ask` finds in the telemetry; null, and said in its place, where it does not answer in time."""
    try:
        return ask()
    except QueryTimeout as error:
        said = f"Not shown: {error}, or choose a step or a revision. The command line has no such limit."
        st.html(tag("p", glyph("▲", "sg-warn"), text(said), cls="sg-note", data_state="late", role="status"))
        return None
    except (duckdb.Error, IngestError) as error:
        st.html(failed_query(error))
        return None
