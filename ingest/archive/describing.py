# ruff: noqa: S608 -- a quoted path
"""What stands in a file of the archive, for the record: read from the file itself."""

from hashlib import file_digest
from pathlib import Path

import duckdb

from ingest.archive.columns import files
from ingest.archive.part import Part


def described(
    cursor: duckdb.DuckDBPyConnection, path: Path, name: str, month: str | None, now_ns: int
) -> Part:
    """The part `name` that stands in the file at `path`. Raises `OSError`, and DuckDB's errors."""
    rows, first_ns, last_ns, histories = cursor.execute(
        "SELECT count(*), min(line_time_ns), max(line_time_ns), "
        "list(DISTINCT history_id ORDER BY history_id) FILTER (history_id IS NOT NULL) "
        f"FROM {files([path])}"
    ).fetchall()[0]
    return Part(
        name=name,
        month=month,
        rows=rows,
        bytes=path.stat().st_size,
        sha256=digest_of(path),
        first_ns=first_ns,
        last_ns=last_ns,
        histories=tuple(histories or ()),
        written_ns=now_ns,
    )


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
