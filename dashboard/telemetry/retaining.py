"""One pass of retention over a home, in the process that owns its telemetry file."""

from collections.abc import Callable
from dataclasses import dataclass

from gates.home import Home
from ingest.archive.keeping import ArchiveKeeping
from ingest.progress import HowFar, Tell, Unit, Work, silent
from ingest.retention.files import Folders, remove_old_files
from ingest.retention.keeping import Keeping, KeepNothing
from ingest.retention.run import Order, Passed, retain
from ingest.store import TelemetryStore

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainRequest:
    """What to delete; with `archive`, rows go into the archive of the home, a month at a time."""

    order: Order
    archive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What the pass did, and how many files of the home it removed."""

    passed: Passed
    files: int = 0

    @property
    def words(self) -> str:
        """In one sentence."""
        if not self.files:
            return self.passed.said
        return f"{self.passed.said}; {self.files:,} read {'file' if self.files == 1 else 'files'} removed"


def pass_over(
    home: Home,
    store: TelemetryStore,
    request: RetainRequest,
    clock: Clock,
    stopping: Callable[[], bool] = lambda: False,
    tell: Tell = silent,
) -> Retained:
    """Delete what may go, until done or `stopping`. Raises `StoreError`; `ArchiveError`: then rows stay.

    A pass that archives tells `tell` before each part, which may end it there.
    """

    def told(month: str, done: int, total: int) -> None:
        if request.archive:
            tell(HowFar(Work.ARCHIVE, month, done, total, Unit.ROWS))

    keeping: Keeping = ArchiveKeeping(home.archive, clock) if request.archive else KeepNothing()
    passed = retain(store, request.order, clock, keeping, stopping, told)
    if passed.bound is None or not passed.is_whole or request.order.month is not None:
        return Retained(passed=passed)
    folders = Folders(home.spool, home.specs, home.runs)
    return Retained(passed=passed, files=remove_old_files(store, folders, passed.bound.before_ns))
