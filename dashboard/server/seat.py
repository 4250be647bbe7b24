"""What a page may reach in the process that serves it.

Streamlit runs the entry script afresh for every session, in threads of this process, and offers no
way to hand it anything. So the composition root puts one `Seat` here before the first run.
"""

from dataclasses import dataclass

from dashboard.auth.access import Access
from dashboard.server.spool import SpoolLoader
from dashboard.server.watch import Watch
from dashboard.telemetry.over_store import StoreTelemetry
from gates.controls.reader import ControlFile
from gates.home import Home
from ingest.store import TelemetryStore


@dataclass(frozen=True, slots=True)
class Seat:
    """One home, its open store and its controls. `notice` stands above every page when given.

    `telemetry` answers what commands and the watch ask; `watch` holds the live verdict; `access` knows
    who is there, null only in tests of single pages.
    """

    home: Home
    store: TelemetryStore
    loader: SpoolLoader
    controls: ControlFile
    telemetry: StoreTelemetry
    watch: Watch
    notice: str | None = None
    access: Access | None = None


_taken: list[Seat] = []


def take(seat: Seat) -> None:
    """Put `seat` before the pages; the newest one counts."""
    _taken[:] = [seat]


def taken() -> Seat:
    """The seat of this process. Raises `LookupError` before `take`."""
    if not _taken:
        raise LookupError("no home is being served; start the dashboard with `slotgate serve`")
    return _taken[0]
