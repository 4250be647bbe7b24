# ruff: noqa: S608 -- constants of this module put together, and the caller's condition
"""The columns of archive files, as SQL: out of the tables into a file, and out of files as rows.

A file is readable by itself: beside the columns of its table it says which source a row came from, how far
that is trusted, and what it is attributed with. docs/file-formats.md lists them.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from ingest.archive.column_names import OF_CLAIMS, OF_FINDINGS, OF_QUARANTINE, OF_TELEMETRY, TABLES
from ingest.archive.part import Kind
from ingest.usage import CLAIMS

_OF_SOURCE = "s.name AS source, s.generation AS source_generation, s.trust"


def into_file(kind: Kind, condition: str) -> str:
    """SQL: the rows of the table of `kind` that fulfil `condition`, as they stand in a file.

    An interval is known by its beginning: its number changes where an earlier one becomes known.
    """
    chosen = f"(SELECT * FROM {TABLES[kind]} WHERE {condition}) t JOIN source s USING (source_id)"
    match kind:
        case Kind.TELEMETRY:
            return f"""
            SELECT {_named(OF_TELEMETRY)}, {", ".join(f"c.{name} AS claimed_{name}" for name in OF_CLAIMS)},
                {_OF_SOURCE}, s.history_id, i.from_ns AS interval_from_ns
            FROM {chosen}
            LEFT JOIN control_interval i ON i.history_id = s.history_id AND i.interval_no = t.interval_no
            {CLAIMS}
            """
        case Kind.QUARANTINE:
            return f"SELECT {_named(OF_QUARANTINE)}, {_OF_SOURCE}, s.history_id FROM {chosen}"
        case Kind.FINDINGS:
            return f"SELECT {_named(OF_FINDINGS)}, {_OF_SOURCE} FROM {chosen}"


def files(paths: Iterable[Path]) -> str:
    """SQL: the rows of archive files of one kind, of one file at least."""
    return f"read_parquet([{', '.join(map(quoted, paths))}], union_by_name = true)"


def telemetry_of(paths: Iterable[Path]) -> str:
    """SQL: rows of files with the columns of `telemetry`, `history_id`, and what they claim as struct `c`.

    `interval_no` is today's number of the interval that began when the line's did.
    """
    as_they_were = tuple(name for name in OF_TELEMETRY if name != "interval_no")
    return f"""
    SELECT {_named(as_they_were)}, t.history_id, i.interval_no, {claims_as_struct("t.claimed_")} AS c
    FROM {files(paths)} t
    LEFT JOIN control_interval i ON i.history_id = t.history_id AND i.from_ns = t.interval_from_ns
        AND i.from_ns IS DISTINCT FROM i.to_ns
    """


def quarantine_of(paths: Iterable[Path]) -> str:
    """SQL: rows of files with the columns of `quarantine`, and `history_id`."""
    return f"SELECT {_named(OF_QUARANTINE)}, t.history_id FROM {files(paths)} t"


def findings_of(paths: Iterable[Path]) -> str:
    """SQL: rows of files with the columns of `gate_finding`."""
    return f"SELECT {_named(OF_FINDINGS)} FROM {files(paths)} t"


def claims_as_struct(before: str) -> str:
    """SQL: what a line claims as one value; `before` stands before the name of each column."""
    return f"struct_pack({', '.join(f'{name} := {before}{name}' for name in OF_CLAIMS)})"


def quoted(path: Path) -> str:
    """SQL: a path as a string that names this one file, whatever characters are in it."""
    literal = re.sub(r"([\[*?])", r"[\1]", str(path))
    return "'" + literal.replace("'", "''") + "'"


def _named(columns: Iterable[str]) -> str:
    return ", ".join(f"t.{name}" for name in columns)
