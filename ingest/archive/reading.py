# ruff: noqa: S608 -- constants put together, and quoted paths
"""Tables and archive as one: the rows that a report counts, each once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.archive.columns import claims_as_struct, findings_of, quarantine_of, telemetry_of
from ingest.archive.looking import Looked, its_digest, look, unrecorded
from ingest.archive.part import Kind, parts
from ingest.gate_audit.relations import TABLES, Relations
from ingest.usage import CLAIMS

BOTH = Relations(lines="reported_line", quarantine="reported_quarantine", findings="reported_finding")
CALLS = "reported_call"
"""As `BOTH.lines`, and a struct `c` of what a v2 line claims."""

_CALLS_OF_TABLE = f"""
(SELECT t.*, s.history_id, {claims_as_struct("c.")} AS c
FROM telemetry t JOIN source s USING (source_id) {CLAIMS})
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """What a report has of the archive: parts it read, parts it could not, files that are not on record."""

    read: tuple[Looked, ...] = ()
    missing: tuple[Looked, ...] = ()
    unrecorded: tuple[str, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """For `--json`; lines are those of whole parts, whatever a filter left of them."""
        return {
            "parts": len(self.read),
            "lines": _lines(self.read),
            "missing": [one.as_record() for one in self.missing],
            "missing_lines": _lines(self.missing),
            "unrecorded": list(self.unrecorded),
        }


@contextmanager
def table_and_archive(
    cursor: duckdb.DuckDBPyConnection, folder: Path | None, since_ns: int | None
) -> Iterator[Archived]:
    """Make `BOTH` and `CALLS` for the length of the block, of one moment of the store.

    Parts that lie before `since_ns` are not read. A null folder reads the tables alone.
    Raises `ArchiveError`, and DuckDB's errors.
    """
    cursor.execute("BEGIN")
    try:
        archived = Archived() if folder is None else _look(cursor, folder, since_ns)
        lines, refused, found = (_places(folder, archived, kind) for kind in Kind)
        _view(cursor, CALLS, _CALLS_OF_TABLE, telemetry_of, lines)
        _view(cursor, BOTH.lines, TABLES.lines, _without_claims, lines)
        _view(cursor, BOTH.quarantine, TABLES.quarantine, quarantine_of, refused)
        _view(cursor, BOTH.findings, TABLES.findings, findings_of, found)
        yield archived
    finally:
        with suppress(duckdb.Error):  # an interrupted transaction is gone already
            cursor.execute("ROLLBACK")


def _look(cursor: duckdb.DuckDBPyConnection, folder: Path, since_ns: int | None) -> Archived:
    every = parts(cursor)
    asked = [
        one for one in every if since_ns is None or (one.last_ns is not None and one.last_ns >= since_ns)
    ]
    looked = look(folder, asked, its_digest)
    return Archived(
        read=tuple(one for one in looked if one.wrong is None),
        missing=tuple(one for one in looked if one.wrong is not None),
        unrecorded=unrecorded(folder, every),
    )


def _places(folder: Path | None, archived: Archived, kind: Kind) -> list[Path]:
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


def _lines(looked: tuple[Looked, ...]) -> int:
    return sum(one.part.rows for one in looked if one.part.kind is Kind.TELEMETRY)
