"""Whether what stands in a telemetry file can be read.

DuckDB checks the sum of a block when it reads it. So opening a file proves its header, its catalog and
its log, and only reading a block proves that block (ADR 186).
"""

import duckdb

from ingest.store import TelemetryStore
from ingest.store.catalog import read_catalog
from ingest.store.failures import in_words


def check_what_a_load_needs(store: TelemetryStore) -> None:
    """Read which sources are known: milliseconds, whatever the file holds.

    Raises `StoreDamaged` and other `StoreError`s.
    """
    with in_words(store.path), store.cursor() as cursor:
        read_catalog(cursor)


def check_every_row(store: TelemetryStore) -> int:
    """Read every column of every row, and say how many rows: as long as the disk takes.

    Raises `StoreDamaged` and other `StoreError`s.
    """
    with in_words(store.path), store.cursor() as cursor:
        return sum(_read(cursor, name) for name in _tables(cursor))


def _tables(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    rows = cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL").fetchall()
    return [row[0] for row in rows]


def _read(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    """A digest of whole rows takes in every byte of them; a mere count reads none."""
    name = '"' + table.replace('"', '""') + '"'
    query = f"SELECT count(*), bit_xor(hash(one)) FROM {name} AS one"  # noqa: S608 - the name is quoted
    [(rows, _)] = cursor.execute(query).fetchall()
    return int(rows)
