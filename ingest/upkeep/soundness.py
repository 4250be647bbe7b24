"""Whether what stands in a telemetry file can be read.

DuckDB checks the sum of a block when it reads it. So opening a file proves its header, its catalog and
its log, and only reading a block proves that block (ADR 186).
"""

from dataclasses import dataclass

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
        database = cursor.execute("SELECT current_database()").fetchall()[0][0]
        return sum(content_of(cursor, database, table).rows for table in tables_of(cursor, database))


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and a digest of all of them, in any order; null without rows."""

    rows: int
    digest: int | None


def tables_of(cursor: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The tables of one of the databases that `cursor` sees, sorted."""
    query = (
        "SELECT table_name FROM duckdb_tables() "
        "WHERE NOT internal AND NOT temporary AND database_name = ? ORDER BY ALL"
    )
    return [row[0] for row in cursor.execute(query, [database]).fetchall()]


def content_of(cursor: duckdb.DuckDBPyConnection, database: str, table: str) -> Content:
    """A digest of whole rows takes in every byte of them; a mere count reads none."""
    name = f"{quoted(database)}.main.{quoted(table)}"
    query = f"SELECT count(*), bit_xor(hash(one)) FROM {name} AS one"  # noqa: S608 - the names are quoted
    return Content(*cursor.execute(query).fetchall()[0])


def quoted(name: str) -> str:
    """`name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'
