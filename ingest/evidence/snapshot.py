"""Many queries that see one and the same state of the store."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import duckdb

Row = tuple[Any, ...]


@contextmanager
def snapshot(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Everything that `cursor` reads in here agrees with each other, whatever is loaded meanwhile.

    The cursor must not be inside a transaction already; nothing can be written in here.
    """
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # a failed transaction is over already; its error is on the way out
            cursor.execute("ROLLBACK")


def rows(cursor: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> list[Row]:
    """All rows of a query; it must use every one of its named parameters."""
    return cursor.execute(query, parameters).fetchall() if parameters else cursor.execute(query).fetchall()
