# ruff: noqa: S608 -- constants put together, and a quoted path
"""Take away what a killed pass left in the folder of the archive: drafts, and files whose rows never left.

A file that is not on record may be all that is left of its rows: of a telemetry file that was damaged and set
aside, or of one that was restored from a backup made earlier. So one goes only where each of its rows is
seen to stand in the table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.archive.column_names import OF_QUARANTINE, OF_TELEMETRY, TABLES
from ingest.archive.columns import files
from ingest.archive.looking import unrecorded
from ingest.archive.part import Kind, kind_of, parts
from ingest.archive.writing import DRAFT
from ingest.errors import ArchiveError

_SAME = {
    Kind.TELEMETRY: OF_TELEMETRY[: OF_TELEMETRY.index("decided_from_ns")],
    Kind.QUARANTINE: OF_QUARANTINE,
    Kind.FINDINGS: ("source_id", "line_offset", "record_index", "code", "job_id", "line_time_ns"),
}
"""What a row says itself: what it is attributed with may have changed since."""


def take_away_leftovers(cursor: duckdb.DuckDBPyConnection, folder: Path) -> tuple[str, ...]:
    """Remove drafts and files whose rows all stand in the table; the names of the files removed.

    No pass writes into `folder` meanwhile: the caller is in a writing transaction, and has deleted nothing in
    it. What cannot be read stays. Raises `ArchiveError`.
    """
    with _in_words(folder):
        for draft in folder.glob(f".*{DRAFT}"):
            if kind_of(draft.name.removeprefix(".").removesuffix(DRAFT)) is not None:
                draft.unlink(missing_ok=True)
        left = [
            name
            for name in unrecorded(folder, parts(cursor))
            if (kind := kind_of(name)) is not None and _is_in_its_table(cursor, kind, folder / name)
        ]
        for name in left:
            (folder / name).unlink(missing_ok=True)
    return tuple(left)


def _is_in_its_table(cursor: duckdb.DuckDBPyConnection, kind: Kind, path: Path) -> bool:
    held, same = files([path]), ", ".join(_SAME[kind])
    query = f"""
    SELECT NOT EXISTS (
        SELECT {same} FROM {held} EXCEPT ALL
        SELECT {same} FROM {TABLES[kind]} SEMI JOIN (SELECT DISTINCT source_id FROM {held}) USING (source_id)
    )
    """
    try:
        with cursor.cursor() as beside:  # a failed read would end the transaction of `cursor`
            return bool(beside.execute(query).fetchall()[0][0])
    except duckdb.Error:
        return False  # no Parquet file, cut off, damaged, or of another form: not ours to remove


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"the archive `{folder}` cannot be cleared: {(error.strerror or 'failed').lower()}; "
            "make it writable, then try again"
        ) from error
