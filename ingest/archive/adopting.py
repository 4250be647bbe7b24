# ruff: noqa: S608 -- constants put together, and quoted paths
"""Put files back on record that the store does not know: its telemetry file was begun afresh.

A row counts once: a file is put on record only where none of its rows stands in the tables, or in a part,
and while no part of its kind and month is missing, whose rows nobody can look at. Rows are compared by the
name of their source and what they say, because sources are numbered anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.archive.column_names import FORMAT, TABLES
from ingest.archive.columns import files, quoted
from ingest.archive.describing import described
from ingest.archive.looking import Archive, Depth, look
from ingest.archive.part import Kind, Part, month_of, put_on_record
from ingest.store import TelemetryStore
from ingest.store.failures import in_words
from ingest.store.gone_ids import note_gone_ids

_SAME = {
    Kind.TELEMETRY: "line_offset, record_index, line_time_ns, job_id, path, status, latency_ms",
    Kind.QUARANTINE: "line_offset, record_index, line_time_ns, cause, raw",
    Kind.FINDINGS: "line_offset, record_index, line_time_ns, job_id, code, explained_by",
}


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file by its name, its `rows`, and why it was not put on record; null: it was."""

    name: str
    rows: int
    why_not: str | None

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "rows": self.rows, "why_not": self.why_not}


def adopt(store: TelemetryStore, folder: Path, clock: Callable[[], int]) -> tuple[Adopted, ...]:
    """Put every file of `folder` on record that can be, each in a transaction. Raises `IngestError`s."""
    with in_words(store.path), store.cursor() as cursor:
        names = look(cursor, folder, Depth.SIZE).unrecorded
    return tuple(_adopted(store, folder / name, clock()) for name in names)


def _adopted(store: TelemetryStore, path: Path, now_ns: int) -> Adopted:
    with store.transaction() as cursor, store.cursor() as beside:
        # Files are read beside the transaction, which a failed read would end; nobody else writes meanwhile.
        try:
            part = _read(beside, path, now_ns)
            known = look(beside, path.parent, Depth.SIZE)
            missing = None if part is None else _missing_beside(known, part)
            twice = 0 if part is None or missing else _held_already(beside, path, known, part.kind)
        except duckdb.Error:
            return Adopted(path.name, 0, "it is no whole file of an archive")
        except OSError as error:
            return Adopted(path.name, 0, f"it cannot be read: {(error.strerror or 'failed').lower()}")
        if part is None:
            return Adopted(path.name, 0, f"it is no file of the form {FORMAT}")
        if missing is not None:
            return Adopted(path.name, part.rows, missing)
        if twice:
            words = f"{twice:,} of its {part.rows:,} rows are stored or archived already"
            return Adopted(path.name, part.rows, words)
        put_on_record(cursor, part)
        if part.kind is Kind.TELEMETRY:
            note_gone_ids(cursor, f"{files([path])} WHERE true", {})
        return Adopted(path.name, part.rows, None)


def _read(cursor: duckdb.DuckDBPyConnection, path: Path, now_ns: int) -> Part | None:
    said = cursor.execute(
        f"SELECT value FROM parquet_kv_metadata({quoted(path)}) WHERE decode(key) = 'slotgate'"
    ).fetchall()
    if [bytes(value) for (value,) in said] != [FORMAT.encode()]:
        return None
    return described(cursor, path, path.name, month_of(path.name), now_ns)


def _missing_beside(known: Archive, part: Part) -> str | None:
    """Why a part on record that cannot be read keeps this one out; null: none does."""
    for one in known.missing:
        if one.part.sha256 == part.sha256:
            return f"it is `{one.part.name}` under another name; give it back its own"
        if (one.part.kind, one.part.month) == (part.kind, part.month):
            return f"`{one.part.name}` is missing, which may hold the same rows; put that back first"
    return None


def _held_already(cursor: duckdb.DuckDBPyConnection, path: Path, known: Archive, kind: Kind) -> int:
    same = f"source, {_SAME[kind]}"
    read = [path.with_name(one.part.name) for one in known.read if one.part.kind is kind]
    parts = f"UNION ALL SELECT {same} FROM {files(read)}" if read else ""
    query = f"""
    SELECT count(*) FROM {files([path])} f WHERE EXISTS (
        FROM (
            SELECT {same} FROM (
                SELECT t.*, s.name AS source FROM {TABLES[kind]} t JOIN source s USING (source_id)
            ) {parts}
        ) h WHERE {" AND ".join(f"h.{one} IS NOT DISTINCT FROM f.{one}" for one in same.split(", "))}
    )
    """
    return int(cursor.execute(query).fetchall()[0][0])
