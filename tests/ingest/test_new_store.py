"""A new store, made at once, is one that went through every migration."""

import duckdb

from ingest.store.migrations import make_tables, migrate

WHAT_IT_HOLDS = (
    "SELECT table_name, column_index, column_name, data_type, is_nullable FROM duckdb_columns()",
    "SELECT table_name, column_name, column_default FROM duckdb_columns()",
    "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints()",
    "SELECT version, name FROM migration",
)


def holds(cursor: duckdb.DuckDBPyConnection, what: str) -> list[object]:
    return list(cursor.execute(f"{what} ORDER BY ALL").fetchall())


def test_it_holds_the_same() -> None:
    with duckdb.connect() as made, duckdb.connect() as migrated:
        make_tables(made)
        migrate(migrated)
        for what in WHAT_IT_HOLDS:
            assert holds(made, what), what
            assert holds(made, what) == holds(migrated, what), what
        migrate(made)
        assert holds(made, WHAT_IT_HOLDS[-1]) == holds(migrated, WHAT_IT_HOLDS[-1])
