# ruff: noqa: S608 -- constants put together, and the caller's condition; values are always parameters
"""Write rows of the telemetry store into files of the archive.

A file is whole and durable before the transaction that puts it on record commits: killed at any moment,
rows are in their table, and a file is left that nobody reads, or they are in a file that is on record.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from ingest.archive.column_names import FORMAT, TABLES
from ingest.archive.columns import into_file
from ingest.archive.describing import described
from ingest.archive.part import Kind, Part, name_of, parts, put_on_record
from ingest.durable import sync
from ingest.errors import ArchiveError, StoreDamaged
from ingest.store.failures import translated

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
DRAFT = ".draft"


def write_parts(
    cursor: duckdb.DuckDBPyConnection,
    condition: str,
    parameters: Mapping[str, object],
    folder: Path,
    month: str | None,
    now_ns: int,
) -> tuple[Part, ...]:
    """Write telemetry, quarantine and gate findings that fulfil `condition` into files; put them on record.

    Its columns are in all three tables. The caller deletes these very rows in the same transaction of
    `cursor`. They are of the UTC `month`, `YYYY-MM`; null: they have no time. A file for each kind of which
    there are rows. Memory does not grow with the rows. Raises `ArchiveError`, and `StoreDamaged` where rows
    cannot be read; then the transaction has to be rolled back, and a file that is left is nobody's.
    """
    with _in_words(folder):
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        sync(folder.parent)  # else the folder itself might be gone after a power cut, with what is in it
        written = []
        for kind, table in TABLES.items():
            count = f"SELECT count(*) FROM {table} WHERE {condition}"
            [(rows,)] = cursor.execute(count, dict(parameters)).fetchall()
            if rows:
                place = folder / _free_name(cursor, folder, kind, month)
                part = _write(cursor, into_file(kind, condition), parameters, place, month, now_ns)
                _check(part, rows)
                put_on_record(cursor, part)
                written.append(part)
        sync(folder)
    return tuple(written)


def _write(
    cursor: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, object],
    place: Path,
    month: str | None,
    now_ns: int,
) -> Part:
    draft = place.with_name(f".{place.name}{DRAFT}")
    try:
        draft.unlink(missing_ok=True)
        # Made by us, so that it is private from its first byte on; DuckDB keeps what it finds.
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE))
        target = "'" + str(draft).replace("'", "''") + "'"
        cursor.execute(
            f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, "
            f"KV_METADATA {{slotgate: '{FORMAT}'}})",
            dict(parameters),
        )
        sync(draft)
        part = described(cursor, draft, place.name, month, now_ns)
        draft.rename(place)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return part


def _check(part: Part, rows: int) -> None:
    if part.rows != rows:
        raise ArchiveError(
            f"of {rows:,} rows {part.rows:,} came into `{part.name}`: nothing left the telemetry store; "
            "look at it with `slotgate doctor --thorough`"
        )


def _free_name(cursor: duckdb.DuckDBPyConnection, folder: Path, kind: Kind, month: str | None) -> str:
    """A name that neither record nor folder has: what lies there unrecorded is not ours to replace."""
    taken = {one.name for one in parts(cursor)}
    number = 1
    while (name := name_of(kind, month, number)) in taken or os.path.lexists(folder / name):
        number += 1
    return name


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(folder, (error.strerror or "failed").lower()) from error
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if isinstance(found := translated(folder, error), StoreDamaged):
            raise found from error
        raise _unwritable(folder, str(error).splitlines()[0][:300]) from error


def _unwritable(folder: Path, why: str) -> ArchiveError:
    return ArchiveError(
        f"the archive `{folder}` cannot be written: {why}; nothing left the telemetry store; make it "
        "writable, or free some space, then try again"
    )
