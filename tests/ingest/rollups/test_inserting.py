"""What a transaction inserts after nothing can be read, by itself and after its commit."""

from pathlib import Path

import duckdb

from ingest.rollups.inserting import insert_into
from tests.ingest.store_from_template import open_store

ROWS = 130_000
"""More than a row group."""
MANY = f"""
CREATE TEMP TABLE many AS
SELECT i AS minute, 1 AS key_id, 1 AS lines, [1::SMALLINT] AS buckets, [1] AS counts FROM range({ROWS}) r(i)
"""


def read(cursor: duckdb.DuckDBPyConnection) -> list[tuple[int, int | None]]:
    return cursor.execute("SELECT count(*), sum(lines)::BIGINT FROM rebuilt_log").fetchall()


def test_many_rows_after_none(tmp_path: Path) -> None:
    with open_store(tmp_path / "telemetry.duckdb") as store:
        with store.transaction() as cursor:
            cursor.execute(MANY)
            insert_into(cursor, "rebuilt_log", "FROM many WHERE minute < $before", {"before": 0})
            assert read(cursor) == [(0, None)]
            insert_into(cursor, "rebuilt_log", "FROM many")
            assert read(cursor) == [(ROWS, ROWS)]
        with store.cursor() as cursor:
            assert read(cursor) == [(ROWS, ROWS)]
