"""How large a telemetry file is inside, and whether a disk has room for another one like it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import StoreError
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from ingest.upkeep.aside import LOG

_MEGABYTE = 1_000_000
_SPARE = 16 << 20
_HEADERS = 3 * 4096
_WORTH_IT = 100 * _MEGABYTE


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a telemetry file: in use, and free inside it until something is stored there again."""

    used: int
    free: int

    @property
    def is_worth_compacting(self) -> bool:
        """Whether more than half of it is free, and that is a hundred megabytes or more."""
        return self.free > max(self.used, _WORTH_IT)


def size_of(store: TelemetryStore) -> Size:
    """What is only in the log counts as used. Raises `StoreError`.

    DuckDB's own count of free blocks has some in it that it gave back already: the size on disk does not.
    """
    with in_words(store.path), store.cursor() as cursor:
        query = (
            "SELECT block_size * used_blocks FROM pragma_database_size() "
            "WHERE database_name = current_database()"
        )
        used = int(cursor.execute(query).fetchall()[0][0])
        free = max(0, _bytes_of(store.path) - _HEADERS - used)
        return Size(used + _bytes_of(store.path.with_name(store.path.name + LOG)), free)


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def need_room(store: TelemetryStore, folder: Path) -> None:
    """Raises `StoreError` where `folder` has less room than a copy of `store` takes, before any is taken."""
    needed = size_of(store).used + _SPARE
    with in_words(folder):
        free = shutil.disk_usage(os.fspath(folder)).free
    if free < needed:
        raise StoreError(
            f"a copy of the telemetry store `{store.path}` needs {_in_words(needed)} in `{folder}`, and "
            f"{_in_words(free)} are free there; free some space, then try again"
        )


def _in_words(size: int) -> str:
    return f"{size / _MEGABYTE:,.0f} MB"
