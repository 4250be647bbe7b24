"""What the head of every page asks of the telemetry."""

import streamlit as st

from dashboard.data.lines import everything
from ingest.store import TelemetryStore


def last_line_ns(store: TelemetryStore, generation: int) -> int | None:
    """When the newest line was written, null where none has a time. Raises what the store raises."""
    return _last_line_ns(store, str(store.path), generation)


@st.cache_data(max_entries=4, show_spinner=False)
def _last_line_ns(
    _store: TelemetryStore,
    path: str,  # noqa: ARG001 - stands for the store in the key
    generation: int,  # noqa: ARG001 - stands for what is in it
) -> int | None:
    cursor = _store.cursor()
    try:
        found = everything(cursor).quality()["last_ns"]
        return None if found is None else int(found)
    finally:
        cursor.close()
