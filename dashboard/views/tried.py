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
