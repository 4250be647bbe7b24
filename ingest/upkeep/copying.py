"""A consistent copy of a telemetry store into a new file, while the store is used.

`copy_store(store, target, tell, work)` makes the file `target`; `copied_beside(store, path, tell, work)`
gives a draft in a folder beside `path`, to be renamed or linked within the block, and gone after it.

DuckDB itself copies the rows of one snapshot (ADR 194): loads and questions go on meanwhile, and what they
store is not in the copy. The store's file is never opened a second time: whoever closes it gives away the
lock by which this process owns it. The copy has no free blocks, and sequences go on where they stood.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.durable import sync
from ingest.errors import StoreDamaged, StoreError
from ingest.progress import HowFar, Tell, Unit, Work, silent
from ingest.store import TelemetryStore
from ingest.store.failures import translated
from ingest.upkeep.draft_folder import draft_folder
from ingest.upkeep.room import need_room
from ingest.upkeep.soundness import Content, content_of, quoted, tables_of

_ROWS_AT_ONCE = 10 * 122_880
"""Whole row groups of DuckDB, and about a second of work."""

_PRIVATE_FILE = 0o600
_CHECKED_IN = "256MB"
_PATIENCE_S, _PAUSE_S = 30.0, 0.05
_copying = threading.Lock()
"""Held by the one copy that this process makes at a time: each would hold up the end of the others."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A whole copy at `path`, `size` bytes long, and how many rows each of its tables has."""

    path: Path
    rows: dict[str, int]
    size: int


def copy_store(store: TelemetryStore, target: Path, tell: Tell = silent, work: Work = Work.BACKUP) -> Copied:
    """Copy `store` into the new file `target`: there whole, private and on disk, or not at all.

    Never over a file that is there. `tell` is told in rows, as `work`. Raises `StoreError` (also where the
    disk has no room), `StoreDamaged` where the store cannot be read, and what `tell` raises.
    """
    with copied_beside(store, target, tell, work) as draft, _in_words_of_copy(store, target):
        try:
            target.hardlink_to(draft.path)
        except FileExistsError:
            raise StoreError(f"`{target}` is there already; move it away or name another file") from None
        sync(target.parent)
        return Copied(target, draft.rows, draft.size)


@contextmanager
def copied_beside(store: TelemetryStore, path: Path, tell: Tell, work: Work) -> Iterator[Copied]:
    """A copy of `store`, checked and on disk, in a folder beside `path`; the folder is gone after the block.

    What killed processes left of such folders goes first. Raises as `copy_store`.
    """
    with ExitStack() as held:
        with _in_words_of_copy(store, path):
            draft = held.enter_context(draft_folder(path)) / "copy.duckdb"
            need_room(store, path.parent)
            content = _copied(store, draft, tell, work)
            draft.chmod(_PRIVATE_FILE)
            sync(draft)
            _check(draft, content)
        yield Copied(draft, {table: one.rows for table, one in content.items()}, draft.stat().st_size)


def _copied(store: TelemetryStore, draft: Path, tell: Tell, work: Work) -> dict[str, Content]:
    """Copy into `draft`; what the tables of the snapshot hold."""
    there = f"copy_{threading.get_ident()}"
    with _copying, store.cursor() as cursor:
        here = cursor.execute("SELECT current_database()").fetchall()[0][0]
        cursor.execute(f"ATTACH '{str(draft).replace(chr(39), chr(39) * 2)}' AS {there}")
        try:
            cursor.execute("BEGIN")
            try:
                cursor.execute(f"COPY FROM DATABASE {quoted(here)} TO {there} (SCHEMA)")
                _copy_rows(cursor, here, there, tell, work)
                content = {table: content_of(cursor, here, table) for table in tables_of(cursor, here)}
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                raise
            _write_out(cursor, there)
        finally:
            with suppress(duckdb.Error):
                cursor.execute(f"DETACH {there}")
    return content


def _copy_rows(cursor: duckdb.DuckDBPyConnection, here: str, there: str, tell: Tell, work: Work) -> None:
    spans = {
        table: cursor.execute(
            f"SELECT count(*), min(rowid), max(rowid) FROM {quoted(here)}.main.{quoted(table)}"  # noqa: S608 names of ours; values are bound
        ).fetchall()[0]
        for table in tables_of(cursor, here)
    }
    done, total = 0, sum(count for count, _, _ in spans.values())
    for table, (count, first, last) in spans.items():
        if not count:
            continue
        # Where rows were deleted numbers are missing: about so many rows, not so many numbers.
        width = max(_ROWS_AT_ONCE, _ROWS_AT_ONCE * (last - first + 1) // count)
        for start in range(first, last + 1, width):
            tell(HowFar(work, table, done, total, Unit.ROWS))
            done += cursor.execute(
                f"INSERT INTO {there}.main.{quoted(table)} "  # noqa: S608 names of ours; values are bound
                f"SELECT * FROM {quoted(here)}.main.{quoted(table)} "
                f"WHERE rowid BETWEEN {start} AND {start + width - 1}"
            ).fetchall()[0][0]
    tell(HowFar(work, "what was copied, read again", done, total, Unit.ROWS))


def _write_out(cursor: duckdb.DuckDBPyConnection, there: str) -> None:
    """From its log into the file. Whoever looked through the catalog meanwhile holds that up to their end."""
    given_up_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            cursor.execute(f"CHECKPOINT {there}")
        except duckdb.TransactionException:
            if time.monotonic() > given_up_at:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _check(draft: Path, content: dict[str, Content]) -> None:
    """Open the copy as any store and read all of it. Raises `StoreError`."""
    try:
        with TelemetryStore.open_for_reading(draft) as copy, copy.cursor() as cursor:
            cursor.execute(f"SET memory_limit = '{_CHECKED_IN}'")
            here = cursor.execute("SELECT current_database()").fetchall()[0][0]
            found = {table: content_of(cursor, here, table) for table in tables_of(cursor, here)}
    except StoreDamaged as error:  # the store is not: its copy is
        raise StoreError(f"{error}; look at the disk of the copy, then try again") from error
    differing = [table for table in content.keys() | found.keys() if content.get(table) != found.get(table)]
    if differing:
        raise StoreError(
            f"the copy `{draft}` does not hold what the store does: {', '.join(sorted(differing))}; look at "
            "its disk, then try again"
        )


@contextmanager
def _in_words_of_copy(store: TelemetryStore, target: Path) -> Iterator[None]:
    """Failures name the file that they are about: damage is the store's, everything else the copy's."""
    try:
        yield
    except duckdb.Error as error:
        said = translated(store.path, error)
        raise (said if isinstance(said, StoreDamaged) else translated(target, error)) from error
    except OSError as error:
        raise StoreError(
            f"the copy `{target}` cannot be made: {(error.strerror or str(error)).lower()}; make its folder "
            "writable or name another"
        ) from error
