"""Copy the store of a home while it is used, and look into a copy without changing its layout.

Only a SQLite file is copied. A PostgreSQL database has tools of its own (`pg_dump`).
"""

from dataclasses import dataclass
from pathlib import Path

from gates.store.migrations import MIGRATIONS, version
from gates.store.places import translated
from gates.store.repositories.notes import SqlSettings
from gates.store.repositories.revisions import SqlRevisions
from gates.store.sqlite import Sqlite, check_file

NEWEST_LAYOUT = len(MIGRATIONS)
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store says of itself: its layout, environment and newest revision, null before the first."""

    layout: int
    environment: str | None
    revision: int | None


def copy_store(path: Path, target: Path) -> StoreFacts:
    """Write a snapshot of the store at `path` into the new file `target`; what the copy says of itself.

    Nobody who reads or writes the store waits for it. Raises a `StoreError`, and `AlreadyThere` where
    `target` holds something.
    """
    check_file(path)
    Sqlite(path, _BUSY_SECONDS).copy_to(target)
    return facts_of(target)


def facts_of(path: Path) -> StoreFacts:
    """See `StoreFacts`; its tables stay those of its own version. Raises a `StoreError`."""
    check_file(path)
    store = Sqlite(path, _BUSY_SECONDS)
    with translated(store), store.reading() as connection:
        layout = version(connection, store.name)
        if layout == 0:  # a copy of an empty database, which the file check takes for a store
            return StoreFacts(0, None, None)
        newest = SqlRevisions(connection).newest()
        return StoreFacts(
            layout, SqlSettings(connection).get("environment"), None if newest is None else newest.revision
        )
