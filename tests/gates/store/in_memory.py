"""Stores in memory for tests: to make the tables costs more than most tests do with them."""

import sqlite3
from functools import cache

from gates.store.port import StorePort
from gates.store.sqlite import Sqlite
from gates.store.store import SqlTransaction, Store


def store_in_memory() -> Store:
    """As `Store.in_memory`, with tables that were made once."""
    store = Store(Sqlite(None, 0))
    database_of(store).deserialize(_empty())
    return store


def database_of(store: StorePort) -> sqlite3.Connection:
    """A store in memory is one connection, which outlives the transaction that we see it by."""
    with store.read() as tx:
        assert isinstance(tx, SqlTransaction)
        connection = tx.settings._connection.connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


@cache
def _empty() -> bytes:
    return database_of(Store.in_memory()).serialize()
