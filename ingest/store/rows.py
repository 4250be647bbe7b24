"""Lines into the store, columns at a time, inside the caller's transaction."""

from collections.abc import Collection
from typing import Literal

import duckdb
import pyarrow as pa

from ingest import columns
from ingest.registering import registered
from ingest.rollups.log import count_stored

_OPEN_LINES = "source_id = $source AND line_offset >= $offset"
_GONE = {"telemetry": "accepted", "quarantine": "quarantined"}
"""The column of `retention_source` that says how many rows of a table went."""
_TABLES_OF_LINES = ("telemetry", "line_claim", "quarantine", "noise_sample")


def insert(cursor: duckdb.DuckDBPyConnection, table: str, source_id: int, rows: pa.Table) -> None:
    """Append `rows`, whose columns are named like those of `table`."""
    if rows.num_rows == 0:
        return
    with registered(cursor, "arriving", rows):
        cursor.execute(f"INSERT INTO {table} BY NAME SELECT {int(source_id)} AS source_id, * FROM arriving")  # noqa: S608 names of ours; values are bound


def insert_records(cursor: duckdb.DuckDBPyConnection, source_id: int, records: pa.Table) -> None:
    """Append telemetry, and what its v2 lines claim beside it."""
    if "claims" in records.column_names:
        insert(cursor, "line_claim", source_id, columns.claims(records))
        records = records.drop_columns(["claims"])
    insert(cursor, "telemetry", source_id, records)


def delete_open_lines(cursor: duckdb.DuckDBPyConnection, source_id: int, checkpoint: int) -> None:
    """Take back what was read beyond the checkpoint; the same transaction brings it in anew."""
    open_lines = {"source": source_id, "offset": checkpoint}
    count_stored(cursor, _OPEN_LINES, open_lines, -1)
    for table in _TABLES_OF_LINES:
        cursor.execute(f"DELETE FROM {table} WHERE {_OPEN_LINES}", open_lines)  # noqa: S608 names of ours; values are bound
    cursor.execute(
        "UPDATE gate_mark SET audited_to = $offset WHERE source_id = $source AND audited_to > $offset",
        {"offset": checkpoint, "source": source_id},
    )


def audit_anew(cursor: duckdb.DuckDBPyConnection, source_id: int) -> None:
    """Whatever the gate audit found in this source is to be found again."""
    cursor.execute("DELETE FROM gate_mark WHERE source_id = ?", [source_id])


def noise_samples_held(cursor: duckdb.DuckDBPyConnection, source_id: int, before: int) -> int:
    """How many noise lines before offset `before` are kept of a source."""
    query = "SELECT count(*) FROM noise_sample WHERE source_id = ? AND line_offset < ?"
    return int(cursor.execute(query, [source_id, before]).fetchall()[0][0])


def rows_of_sources(
    cursor: duckdb.DuckDBPyConnection, table: Literal["telemetry", "quarantine"], source_ids: Collection[int]
) -> dict[int, int]:
    """How many rows of each of these sources a table holds, or held until retention; none is left out."""
    query = f"""
    SELECT source_id, sum(held)::BIGINT FROM (
        SELECT source_id, count(*) AS held FROM {table} WHERE list_contains($sources, source_id) GROUP BY ALL
        UNION ALL
        SELECT source_id, {_GONE[table]} FROM retention_source WHERE list_contains($sources, source_id)
    ) GROUP BY ALL
    """  # noqa: S608 names of ours; values are bound
    found = cursor.execute(query, {"sources": list(source_ids)}).fetchall()
    return dict.fromkeys(source_ids, 0) | dict(found)
