"""Open a home for serving: its folders, its store, its controls, and the loader of its spool."""

import time
from pathlib import Path

from dashboard.server.seat import Seat
from dashboard.server.spool import SpoolLoader
from gates.controls.reader import ControlFile
from gates.errors import HomeError
from gates.home import Home
from ingest.history import read_home_history
from ingest.load import Surroundings, load
from ingest.store import TelemetryStore

PRIVATE = 0o700


def open_seat(home: Home, notice: str | None = None) -> Seat:
    """The seat of `home`, made where it is missing. The caller closes the store.

    Raises `HomeError` when the folders cannot be made, and `StoreError` when the telemetry file
    cannot be used; `StoreInUse` when another process owns it.
    """
    try:
        for folder in (home.root, home.spool):
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"the home `{home.root}` cannot be made: {error.strerror}; make its folder writable"
        ) from error
    store = TelemetryStore.open(home.telemetry)
    return Seat(home, store, SpoolLoader(_Pass(home, store)), ControlFile(home.control_file), notice)


class _Pass:
    """One pass over the spool: what is new since the last checkpoint."""

    def __init__(self, home: Home, store: TelemetryStore) -> None:
        self._home = home
        self._store = store

    def __call__(self) -> int:
        """How many rows it changed. Raises what ingest raises."""
        surroundings = Surroundings(None, time.time_ns, self._home.spool)
        history = read_home_history(self._home.history)
        spool: Path = self._home.spool
        summary = load(self._store, [spool], history, surroundings=surroundings)
        if summary.failed:
            first = summary.failed[0]
            raise HomeError(f"`{first.name}` could not be read to its end: {first.error}; make it readable")
        before = sum((source.held.accepted + source.held.quarantined for source in summary.sources), 0)
        now = summary.counts.accepted + summary.counts.quarantined
        return now - before + summary.reattributed
