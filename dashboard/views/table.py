"""A table that sorts and searches, and comes away as a file: CSV or NDJSON."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.data.export import csv_of, ndjson_of
from dashboard.views.markup import text, titled

TIME = "ddd DD MMM HH:mm:ss"
ROW = 30
MOST_ROWS = 20


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    note: str = "",
    columns: Mapping[str, Any] | None = None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Draw `frame` under its title. Times are shown in the reader's zone where `columns` says so.

    The files are made when they are asked for, from `frame` whole.
    """
    heading(title, note)
    st.dataframe(
        frame,
        key=key,
        hide_index=True,
        row_height=ROW,
        height=ROW * (min(len(frame), most_rows) + 1) + 3,
        alt=title,
        placeholder="–",
        column_config=dict(columns or {}),
    )
    exports(frame, key=key, name=title)


def heading(title: str, note: str = "") -> None:
    """The title of a panel, with a few words beside it."""
    st.html(titled(title, text(note)))


def exports(frame: pd.DataFrame, *, key: str, name: str) -> None:
    """Two buttons that give `frame` as a file."""
    stem = "-".join(name.lower().split())
    with st.container(key=f"{key}-files", horizontal=True, gap="small"):
        for label, end, mime, made in (
            ("CSV", "csv", "text/csv", csv_of),
            ("NDJSON", "ndjson", "application/x-ndjson", ndjson_of),
        ):
            st.download_button(
                label,
                partial(made, frame),
                f"slotgate-{stem}.{end}",
                mime,
                key=f"{key}-{end}",
                help=f"{name} as {label}",
                on_click="ignore",
                type="tertiary",
            )
