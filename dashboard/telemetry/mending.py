"""Read the whole telemetry file of a home; a damaged one is set aside, and what is still there read again."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dashboard.telemetry.private_files import private_files
from dashboard.telemetry.spool import Clock, SpoolPass
from gates.home import Home
from ingest.errors import StoreDamaged
from ingest.history.controls import read_home_history
from ingest.loading.load import Surroundings, load
from ingest.store import TelemetryStore
from ingest.upkeep.aside import SetAside
from ingest.upkeep.named import NamedFile, named_files
from ingest.upkeep.renewing import open_renewed
from ingest.upkeep.soundness import check_every_row


@dataclass(frozen=True, slots=True)
class Mended:
    """`rows` stand in the file now, all of them read. `aside`: the damaged file, null where it was sound.

    Then `again` are files outside the spool that were read again, and `by_hand` those that somebody has to
    load: gone from their place, not to be read, or loaded with a control history that was named.
    """

    rows: int
    aside: SetAside | None
    again: tuple[Path, ...] = ()
    by_hand: tuple[Path, ...] = ()


@dataclass(slots=True)
class _Examination:
    """Reads a store to its end; keeps what it was loaded from, also where it is damaged further on."""

    named: tuple[NamedFile, ...] = ()
    rows: int = 0

    def __call__(self, store: TelemetryStore) -> None:
        with suppress(StoreDamaged):  # what follows meets it, too
            self.named = named_files(store) or self.named
        self.rows = check_every_row(store)


def mend(home: Home, clock: Clock) -> Mended:
    """See `Mended`. A sound file is left as it is, and a killed call is made up for by the next load.

    Raises `StoreInUse` while another process owns the file, other `StoreError`s, `HomeError` where a file of
    the spool cannot be read, and `InvalidHistory`.
    """
    examination = _Examination()
    with private_files():
        renewed = open_renewed(home.telemetry, clock, examination)
        with renewed.store as store:
            if renewed.aside is None:
                return Mended(examination.rows, None)
            SpoolPass(home, store, clock)()
            again = _read_again(home, store, examination.named, clock)
            by_hand = tuple(one.path for one in examination.named if one.path not in again)
            return Mended(check_every_row(store), renewed.aside, again, by_hand)


def _read_again(
    home: Home, store: TelemetryStore, named: tuple[NamedFile, ...], clock: Clock
) -> tuple[Path, ...]:
    """Those that follow the controls of the home and are still there, read to their end."""
    there = [one.path for one in named if one.by_home and one.path.is_file()]
    if not there:
        return ()
    around = Surroundings(None, clock, home.spool, home.specs, home.runs)
    summary = load(store, there, read_home_history(home.history), surroundings=around)
    failed = {one.name for one in summary.failed}
    return tuple(path for path in there if str(path) not in failed)
