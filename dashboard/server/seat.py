"""What a page may reach in the process that serves it.

Streamlit runs the entry script afresh for every session, in threads of this process, and offers no
way to hand it anything. So the composition root puts one `Seat` here before the first run.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial

from dashboard.auth.access import Access
from dashboard.commands.perform import Performer
from dashboard.server import changes
from dashboard.server.budget import BudgetGuard
from dashboard.server.spool import SpoolLoader
from dashboard.server.watch import Watch
from dashboard.telemetry.over_store import StoreTelemetry
from gates.changes.service import ChangeService
from gates.controls.reader import ControlFile
from gates.home import Home
from ingest.errors import StoreError
from ingest.store import TelemetryStore
from ingest.upkeep.aside import in_words, set_aside_beside


@dataclass(frozen=True, slots=True)
class Seat:
    """One home, its open store and its controls. `notice` stands above every page when given.

    `telemetry` answers what commands and the watch ask; `watch` holds the live verdict; `access` knows
    who is there, `performer` carries out what they ask for and `budget` keeps the budget; these are null
    only in tests of single pages.
    """

    home: Home
    store: TelemetryStore
    loader: SpoolLoader
    controls: ControlFile
    telemetry: StoreTelemetry
    watch: Watch
    notice: str | None = None
    access: Access | None = None
    performer: Performer | None = None
    budget: BudgetGuard | None = None

    def notices(self) -> tuple[str, ...]:
        """What stands above every page now."""
        given = () if self.notice is None else (self.notice,)
        try:
            return (*given, *map(in_words, set_aside_beside(self.home.telemetry)))
        except StoreError as error:  # the stop panel is drawn next, whatever the home is like
            return (*given, str(error))

    def to_look(self) -> AbstractContextManager[ChangeService]:
        """The change service of the home, only to ask it. Raises a `StoreError`."""
        return changes.to_look(self.home, self.telemetry)

    def with_door(self, access: Access) -> "Seat":
        """This seat with its door, so that people can act through it."""
        service = partial(changes.to_change, self.home, self.telemetry)
        blind = partial(changes.without_store, self.home, self.telemetry)
        return replace(self, access=access, performer=Performer(service, blind, access.notes, access.clock))


_taken: list[Seat] = []


def take(seat: Seat) -> None:
    """Put `seat` before the pages; the newest one counts."""
    _taken[:] = [seat]


def taken() -> Seat:
    """The seat of this process. Raises `LookupError` before `take`."""
    if not _taken:
        raise LookupError("no home is being served; start the dashboard with `slotgate serve`")
    return _taken[0]
