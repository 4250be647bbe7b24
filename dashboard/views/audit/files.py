"""The chosen records as files: made when they are asked for."""

import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.cli.store import store_of
from dashboard.data.audit import MOST_EXPORTED, as_csv, as_ndjson, selected
from dashboard.views.audit.choosing import Choice
from gates.home import Home
from gates.store.rows import AuditRecord

_HELP = (
    f"the newest {MOST_EXPORTED:,} records that fit, oldest first; `slotgate audit verify --export FILE "
    "--selection` checks it, and `slotgate audit export` gives the whole chain"
)


def buttons(home: Home, choice: Choice) -> None:
    """CSV for reading, NDJSON for checking."""
    kinds: tuple[tuple[str, str, str, Callable[[list[AuditRecord]], bytes]], ...] = (
        ("CSV", "csv", "text/csv", as_csv),
        ("NDJSON", "ndjson", "application/x-ndjson", as_ndjson),
    )
    for label, end, mime, made in kinds:
        st.download_button(
            label,
            partial(_file, home, choice, made),
            f"slotgate-audit.{end}",
            mime,
            key=f"audit-{end}",
            help=_HELP,
            on_click="ignore",
            type="tertiary",
        )


def _file(home: Home, choice: Choice, made: Callable[[list[AuditRecord]], bytes]) -> bytes:
    return made(_found(home, choice))


def _found(home: Home, choice: Choice) -> list[AuditRecord]:
    store = store_of(home)
    try:
        with store.read() as tx:
            return selected(tx.audit, choice.filter(time.time_ns()))
    finally:
        store.close()
