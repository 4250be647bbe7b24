# ruff: noqa: S608 -- constants put together, and quoted paths
"""Tables and archive as one: the rows that a report counts, each once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from ingest.archive.columns import claims_as_struct, findings_of, quarantine_of, telemetry_of
from ingest.archive.looking import Archive, Depth, look
from ingest.archive.part import Kind
from ingest.gate_audit.relations import TABLES, Relations
from ingest.usage import CLAIMS

BOTH = Relations(lines="reported_line", quarantine="reported_quarantine", findings="reported_finding")
CALLS = "reported_call"
"""As `BOTH.lines`, and a struct `c` of what a v2 line claims."""

_CALLS_OF_TABLE = f"""
(SELECT t.*, s.history_id, {claims_as_struct("c.")} AS c
FROM telemetry t JOIN source s USING (source_id) {CLAIMS})
"""


@contextmanager
def table_and_archive(
    cursor: duckdb.DuckDBPyConnection, folder: Path | None, since_ns: int | None
) -> Iterator[Archive]:
    """Make `BOTH` and `CALLS` for the length of the block, of one moment of the store.

    Parts that lie before `since_ns` are not read. A null folder reads the tables alone.
    Raises `ArchiveError`, and DuckDB's errors.
    """
    cursor.execute("BEGIN")
    try:
        archived = Archive() if folder is None else look(cursor, folder, Depth.EVERY_BYTE, since_ns)
        lines, refused, found = (_places(folder, archived, kind) for kind in Kind)
        _view(cursor, CALLS, _CALLS_OF_TABLE, telemetry_of, lines)
        _view(cursor, BOTH.lines, TABLES.lines, _without_claims, lines)
        _view(cursor, BOTH.quarantine, TABLES.quarantine, quarantine_of, refused)
        _view(cursor, BOTH.findings, TABLES.findings, findings_of, found)
        yield archived
    finally:
        with suppress(duckdb.Error):  # an interrupted transaction is gone already
            cursor.execute("ROLLBACK")


def _places(folder: Path | None, archived: Archive, kind: Kind) -> list[Path]:
    if folder is None:
        return []
    return [folder / one.part.name for one in archived.read if one.part.kind is kind]


def _view(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    table: str,
    of_files: Callable[[list[Path]], str],
    paths: list[Path],
) -> None:
    archived = f" UNION ALL BY NAME ({of_files(paths)})" if paths else ""
    cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {table}{archived}")


def _without_claims(paths: list[Path]) -> str:
    return f"SELECT * EXCLUDE c FROM ({telemetry_of(paths)})"
