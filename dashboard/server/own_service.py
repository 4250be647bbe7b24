"""The change service for what the server does by itself: opened for one look, whatever the store is like."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.cli.guarded import UnusableStore
from dashboard.cli.store import place_of, store_of
from gates.changes.composing import change_service
from gates.changes.ports import EvidenceProvider, NoEvidence, NoRecentJobs
from gates.changes.service import ChangeService
from gates.errors import GateError, StoreError
from gates.home import Home


@contextmanager
def own_service(home: Home, evidence: EvidenceProvider) -> Iterator[ChangeService | None]:
    """The service over this home's store; null where there is no store yet. Raises a `StoreError`."""
    place = place_of(home)
    if place == home.store and not any(map(os.path.lexists, (home.store, home.store_owner))):
        yield None
        return
    store = store_of(home)
    try:
        yield change_service(home, store, evidence, NoRecentJobs())
    finally:
        store.close()


def blind_service(home: Home, error: GateError) -> ChangeService:
    """The service of a home whose store cannot be used: it stops, and records that late."""
    return change_service(home, UnusableStore(StoreError(str(error))), NoEvidence(), NoRecentJobs())
