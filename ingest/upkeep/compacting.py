"""Give the room that is free inside a telemetry file back to the disk: all of it goes into a new file.

DuckDB fills blocks that became free again, and gives back those at the end of the file; so a file is as
large as it ever had to be, and a smaller one takes a rewrite (ADR 195).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ingest.durable import sync
from ingest.errors import StoreError
from ingest.progress import Tell, Work, silent
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.store.failures import in_words
from ingest.upkeep.aside import LOG
from ingest.upkeep.copying import copied_beside
from ingest.upkeep.owning import owned

_MEGABYTE = 1_000_000
LetGo = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Compacted:
    """The file in bytes `before` and `after`, and the `rows` of all its tables."""

    before: int
    after: int
    rows: int


def compact(store: TelemetryStore, now_ns: int, tell: Tell = silent) -> Compacted:
    """Put a copy without free blocks in the place of the file, noted as an event; `store` goes on with it.

    Whatever ends it, the old file stands or the new one, whole. Who stores something waits for all of it,
    questions only for the moment of the exchange. `tell` is told in rows. Raises `StoreError` (also where
    the disk has no room for both), `StoreInUse` where it is asked without a break, what `tell` raises.
    """
    path = store.path
    if path.is_symlink():
        raise StoreError(f"the telemetry store `{path}` is a link; compact it in the home that it leads to")
    with store.still() as let_go, copied_beside(store, path, tell, Work.COMPACT) as draft:
        before = _exchange(path, draft.path, let_go)
    with store.transaction() as cursor:
        said = f"{before / _MEGABYTE:,.1f} MB rewritten as {draft.size / _MEGABYTE:,.1f} MB"
        record_event(cursor, now_ns, "compacted", None, said)
    return Compacted(before, draft.size, sum(draft.rows.values()))


def _exchange(path: Path, draft: Path, let_go: LetGo) -> int:
    """`draft` takes the place of the file; how large that was.

    Only once the old file holds what its log held: the log is found by its name, and would be read into
    the new one.
    """
    with in_words(path), let_go():
        if path.with_name(path.name + LOG).exists():
            raise StoreError(
                f"the log of the telemetry store `{path}` could not be written into it; nothing was changed, "
                "free some space, then try again"
            )
        with owned(path) as old:
            draft.replace(path)
            sync(path.parent)
    return old.st_size
