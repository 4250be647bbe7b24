"""What the audit log asks of the store, at most two seconds old; and the one verification of a home."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dashboard.cli.store import place_of, store_of
from dashboard.data.audit import AuditFilter, AuditPage, one, page
from dashboard.data.audit_verifying import Verifying
from gates.home import Home
from gates.store.port import Transaction
from gates.store.rows import CheckpointRow

TICK_NS = 2 * 10**9


def has_store(home: Home) -> bool:
    """Whether there is a store at all, be it a file or a database."""
    return place_of(home) != home.store or os.path.lexists(home.store)


def audit_page(home: Home, chosen: AuditFilter, below: int | None, now_ns: int) -> AuditPage:
    """One page of the chain. Raises a `StoreError`."""
    return _page(home, str(home.root), chosen, below, now_ns // TICK_NS)


def audit_record(home: Home, seq: int) -> dict[str, Any] | None:
    """One record, which never changes. Raises a `StoreError`."""
    with _reading(home) as tx:
        return one(tx.audit, seq)


def newest_checkpoint(home: Home, now_ns: int) -> CheckpointRow | None:
    """The last one that was signed here. Raises a `StoreError`."""
    return _checkpoint(home, str(home.root), now_ns // TICK_NS)


@st.cache_resource(show_spinner=False, max_entries=8)
def verifying_of(_home: Home, root: str) -> Verifying:  # noqa: ARG001 - the root stands for the home in the key
    """The verification of the home at `root`, the same for everybody."""
    return Verifying(lambda: _reading(_home), time.time_ns)


@contextmanager
def _reading(home: Home) -> Iterator[Transaction]:
    store = store_of(home)
    try:
        with store.read() as tx:
            yield tx
    finally:
        store.close()


@st.cache_data(max_entries=32, show_spinner=False)
def _page(
    _home: Home,
    root: str,  # noqa: ARG001 - stands for the home in the key
    chosen: AuditFilter,
    below: int | None,
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> AuditPage:
    with _reading(_home) as tx:
        return page(tx.audit, chosen, below)


@st.cache_data(max_entries=4, show_spinner=False)
def _checkpoint(
    _home: Home,
    root: str,  # noqa: ARG001 - stands for the home in the key
    tick: int,  # noqa: ARG001 - stands for what is in it
) -> CheckpointRow | None:
    with _reading(_home) as tx:
        rows = tx.audit.checkpoints()
        return rows[-1] if rows else None
