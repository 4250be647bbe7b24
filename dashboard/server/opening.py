"""Open a home for serving: its folders, its store, its controls, and the loader of its spool."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from dashboard.cli.store import place_of, store_of
from dashboard.review.provider import TelemetryEvidence
from dashboard.server.budget import BudgetGuard
from dashboard.server.changes import without_store
from dashboard.server.own_log import say
from dashboard.server.seat import Seat
from dashboard.server.spool import SpoolLoader
from dashboard.server.watch import Watch
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.private_files import private_files
from dashboard.telemetry.spool import Following, PassWhenFree
from gates.changes.composing import change_service
from gates.changes.ports import NoRecentJobs
from gates.changes.service import ChangeService
from gates.controls.reader import ControlFile
from gates.errors import HomeError
from gates.home import Home
from ingest.store import TelemetryStore

PRIVATE = 0o700


def open_seat(home: Home, notice: str | None = None, follow: Sequence[str] = ()) -> Seat:
    """The seat of `home`, made where it is missing; it follows `follow` besides. The caller closes the store.

    Raises `HomeError` when the folders cannot be made, and `StoreError` when the telemetry file
    cannot be used; `StoreInUse` when another process owns it.
    """
    with private_files():
        try:
            for folder in (home.root, home.spool):
                folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"the home `{home.root}` cannot be made: {error.strerror}; make its folder writable"
            ) from error
        store = TelemetryStore.open(home.telemetry)
    loader = SpoolLoader(Following(home, store, follow))
    telemetry = StoreTelemetry(home, store, PassWhenFree(home, store))
    provider = TelemetryEvidence(telemetry)
    watch = Watch(partial(_service, home, provider), provider, lambda: loader.status.generation, say)
    controls = ControlFile(home.control_file)
    guard = BudgetGuard(
        partial(_service, home, provider),
        partial(without_store, home, telemetry),
        telemetry.day_usage,
        lambda: loader.status.generation,
        lambda: loader.status.failure,
        controls,
        say,
    )
    return Seat(home, store, loader, controls, telemetry, watch, notice, budget=guard)


@contextmanager
def _service(home: Home, provider: TelemetryEvidence) -> Iterator[ChangeService | None]:
    """The change service over this home's store, opened for one look; null where there is no store yet."""
    place = place_of(home)
    if place == home.store and not any(map(os.path.lexists, (home.store, home.store_owner))):
        yield None
        return
    store = store_of(home)
    try:
        yield change_service(home, store, provider, NoRecentJobs())
    finally:
        store.close()
