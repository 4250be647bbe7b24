"""A new store, made at once, is one that went through every migration."""

import duckdb

from ingest.store.migrations import make_tables, migrate

WHAT_IT_HOLDS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns() ORDER BY ALL",
    "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() ORDER BY ALL",
    "SELECT index_name, sql FROM duckdb_indexes() ORDER BY ALL",
    "SELECT view_name, sql FROM duckdb_views() ORDER BY ALL",
    "SELECT sequence_name, start_value FROM duckdb_sequences() ORDER BY ALL",
    "SELECT version, name FROM migration ORDER BY ALL",
)


def test_it_holds_the_same() -> None:
    with duckdb.connect() as made, duckdb.connect() as migrated:
        make_tables(made)
        migrate(migrated)
        for query in WHAT_IT_HOLDS:
            found = made.execute(query).fetchall()
            assert found == migrated.execute(query).fetchall(), query
        assert found
        migrate(made)
        assert made.execute(WHAT_IT_HOLDS[-1]).fetchall() == found
