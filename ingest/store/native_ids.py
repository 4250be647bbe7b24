"""Which records are held already under the identity that their transport gave them."""

from contextlib import suppress
from typing import Literal

import duckdb
import pyarrow as pa

_SAYS = {
    "telemetry": ("executor_version", "job_id", "path", "status", "error_code", "latency_ms"),
    "quarantine": ("raw",),
}


def held_already(
    cursor: duckdb.DuckDBPyConnection, table: Literal["telemetry", "quarantine"], rows: pa.Table
) -> pa.Array:
    """For each row of `rows` whether its native id is in `table`, or earlier in `rows`, and says the same.

    The transport's own id names a record wherever it is found. Its time is the same there too, and bounds
    the search to a small part of the table. Records that say different things are never one, whatever their
    ids. What was stored before further records of a line had ids of their own has its index for that.
    """
    says = ", ".join(_SAYS[table])
    same = " AND ".join(f"n.{name} IS NOT DISTINCT FROM held.{name}" for name in _SAYS[table])
    cursor.register("arriving", rows.append_column("no", pa.array(range(rows.num_rows), pa.int64())))
    try:
        found = cursor.execute(
            f"""
            WITH numbered AS (
                SELECT no, native_id, {says},
                    row_number() OVER (PARTITION BY native_id, {says} ORDER BY no) AS copy
                FROM arriving
            ), held AS (
                SELECT DISTINCT unnest(CASE WHEN record_index = 0 THEN [native_id]
                    ELSE [native_id, native_id || '#' || record_index] END) AS native_id, {says}
                FROM {table}
                WHERE native_id IN (SELECT native_id FROM arriving) AND (line_time_ns IS NULL
                    OR line_time_ns >= (SELECT min(line_time_ns) FROM arriving))
            )
            SELECT n.native_id IS NOT NULL AND (n.copy > 1 OR held.native_id IS NOT NULL)
            FROM numbered n LEFT JOIN held ON n.native_id = held.native_id AND {same} ORDER BY n.no
            """  # noqa: S608 - names of this module
        ).fetchall()
    finally:
        with suppress(duckdb.Error):  # not even this is possible in a transaction that failed
            cursor.unregister("arriving")
    return pa.array([row[0] for row in found], pa.bool_())
