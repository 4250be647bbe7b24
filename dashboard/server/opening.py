"""Open a home for serving: its folders, its store, its controls, and the loader of its spool."""

import time
from collections.abc import Sequence
from functools import partial

from dashboard.review.provider import TelemetryEvidence
from dashboard.server.budget_of import budget_guard
from dashboard.server.own_log import say
from dashboard.server.own_service import own_service
from dashboard.server.seat import Seat
from dashboard.server.spool import SpoolLoader
from dashboard.server.watch import Watch
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.private_files import private_files
from dashboard.telemetry.spool import Following, PassWhenFree
from gates.controls.reader import ControlFile
from gates.errors import HomeError
from gates.home import Home
from ingest.upkeep.aside import in_words, missing
from ingest.upkeep.renewing import open_renewed
from schemas.instant import SECOND

PRIVATE = 0o700
DAY_NS = 24 * 3600 * SECOND


def open_seat(home: Home, notice: str | None = None, follow: Sequence[str] = ()) -> Seat:
    """The seat of `home`, made where it is missing; it follows `follow` besides. The caller closes the store.

    A damaged telemetry file is set aside, and the log says so. Raises `HomeError` when the folders cannot be
    made, and `StoreError` when the telemetry file cannot be used; `StoreInUse` when another process owns it.
    """
    with private_files():
        try:
            for folder in (home.root, home.spool):
                folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"the home `{home.root}` cannot be made: {error.strerror}; make its folder writable"
            ) from error
        renewed = open_renewed(home.telemetry, time.time_ns)
    store = renewed.store
    if renewed.aside is not None:
        say(in_words(renewed.aside))
    loader = SpoolLoader(Following(home, store, follow))
    telemetry = StoreTelemetry(home, store, PassWhenFree(home, store))
    provider = TelemetryEvidence(telemetry)

    def generation() -> int:
        return loader.status.generation

    watch = Watch(partial(own_service, home, provider), provider, generation, say)

    def uncounted() -> str | None:
        today_ns = time.time_ns() // DAY_NS * DAY_NS
        return loader.status.failure or missing(home.telemetry, today_ns)

    guard = budget_guard(home, telemetry.day_usage, generation, uncounted)
    controls = ControlFile(home.control_file)
    return Seat(home, store, loader, controls, telemetry, watch, notice, budget=guard)
