"""Open a home for serving: its folders, its store, its controls, and the loader of its spool."""

from dashboard.server.seat import Seat
from dashboard.server.spool import SpoolLoader
from dashboard.telemetry.private_files import private_files
from dashboard.telemetry.spool import SpoolPass
from gates.controls.reader import ControlFile
from gates.errors import HomeError
from gates.home import Home
from ingest.store import TelemetryStore

PRIVATE = 0o700


def open_seat(home: Home, notice: str | None = None) -> Seat:
    """The seat of `home`, made where it is missing. The caller closes the store.

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
    return Seat(home, store, SpoolLoader(SpoolPass(home, store)), ControlFile(home.control_file), notice)
