"""Arrow tables under a name that SQL can read from."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb
import pyarrow as pa


@contextmanager
def registered(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    """`rows` as the view `name` of `cursor`, for the block."""
    cursor.register(name, rows)
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # not even this is possible in a transaction that failed
            cursor.unregister(name)
