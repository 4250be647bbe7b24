# ruff: noqa: S608 -- names and queries of this package put together; values are always parameters
"""Insert into the tables of the rollups so that everybody can read what was inserted.

DuckDB 2.0 loses sight of rows where a transaction first inserts none into a table, and then a row group or
more (122,880) at once: neither the transaction nor anybody after its commit reads these, until the next
checkpoint. It does not where a row was inserted in between, whatever becomes of that row.
"""

from collections.abc import Mapping

import duckdb

_NO_KEY = 0
"""Keys begin with 1."""


def insert_into(
    cursor: duckdb.DuckDBPyConnection, table: str, query: str, parameters: Mapping[str, object] | None = None
) -> None:
    """Insert what `query` finds into `table`, which has `key_id`, `lines`, `buckets` and `counts`."""
    inserted = cursor.execute(f"INSERT INTO {table} BY NAME {query}", parameters).fetchall()[0][0]
    if inserted == 0:
        cursor.execute(
            f"INSERT INTO {table} BY NAME SELECT {_NO_KEY} AS key_id, 0 AS lines, [] AS buckets, [] AS counts"
        )
        cursor.execute(f"DELETE FROM {table} WHERE key_id = {_NO_KEY}")
