"""Open the telemetry file; a damaged one is set aside first, and a fresh one begun in its place.

Only a file that this version should be able to read, and cannot, is set aside. One that another process
owns, that a newer slotgate or DuckDB wrote, that may not be read, that is a folder or a link, or for whose
successor the disk has no room, stays where it is (ADR 185).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import StoreDamaged, StoreError
from ingest.store import TelemetryStore
from ingest.store.connection import drafted
from ingest.store.failures import in_words
from ingest.upkeep.aside import LOG, SetAside, name_aside
from ingest.upkeep.owning import owned
from ingest.upkeep.soundness import check_what_a_load_needs

_LOOKS = 3
Clock = Callable[[], int]
Check = Callable[[TelemetryStore], object]


@dataclass(frozen=True, slots=True)
class Renewed:
    """An open store; `aside` is the damaged file whose place it took, null where that was sound."""

    store: TelemetryStore
    aside: SetAside | None


def open_renewed(path: Path, clock: Clock, check: Check = check_what_a_load_needs) -> Renewed:
    """The store at `path`, fresh where what stood there was damaged, by what `check` finds too.

    Twice in a row the same file has to be damaged: a read that failed once may succeed. The caller closes
    the store. Raises `StoreInUse`, `StoreDamaged` where the file cannot be set aside, other `StoreError`s.
    """
    aside: SetAside | None = None
    suspect: tuple[int, int] | None = None
    for _ in range(2 * _LOOKS):
        found = _identity(path)
        try:
            return Renewed(_checked(path, check), aside)
        except StoreDamaged as error:
            if found is None:
                continue
            if found != suspect:
                suspect = found
                continue
            aside = _set_aside(path, found, clock(), error) or aside
            suspect = None
    raise StoreDamaged(
        f"the telemetry store `{path}` is damaged again and again; look at its disk, then try again"
    )


def _checked(path: Path, check: Check) -> TelemetryStore:
    store = TelemetryStore.open(path)
    try:
        check(store)
    except BaseException:
        with suppress(StoreError):  # what the check said is what counts
            store.close()
        raise
    return store


def _set_aside(path: Path, found: tuple[int, int], at_ns: int, why: StoreDamaged) -> SetAside | None:
    """Give the file a name with its time and put a fresh one there; null where it is another by now.

    The fresh one is made before the damaged one moves: a full disk moves nothing. The log follows the
    file; killed between the two, the next start finds a log that is not its file's, and sets that aside.
    """
    with in_words(path), drafted(path) as fresh, _owned(path, why) as owned:
        if owned != found or _identity(path) != found:
            return None
        aside = name_aside(path, at_ns)
        path.rename(aside)
        with suppress(FileNotFoundError):
            path.with_name(path.name + LOG).rename(aside.with_name(aside.name + LOG))
        with suppress(FileExistsError):  # another process that found none made one
            path.hardlink_to(fresh)
    return SetAside(aside, at_ns)


@contextmanager
def _owned(path: Path, why: StoreDamaged) -> Iterator[tuple[int, int]]:
    """Hold the lock that DuckDB takes: while it is held, nobody else opens this file.

    Raises `StoreInUse`, and `StoreDamaged`, because of `why`, for what is no file of its own.
    """
    if path.is_symlink() or not path.is_file():
        raise StoreDamaged(
            f"the telemetry store `{path}` cannot be used, and is a link or a folder: none is set aside; "
            "move it away, then try again"
        ) from why
    with owned(path) as status:
        yield status.st_dev, status.st_ino


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is; null where there is none."""
    with in_words(path):
        try:
            status = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
    return status.st_dev, status.st_ino
