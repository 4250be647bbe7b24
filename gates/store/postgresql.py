"""The one module that knows PostgreSQL: connecting, locking, triggers, what its errors mean.

Writers take one advisory lock before they read anything, as `BEGIN IMMEDIATE` does it in SQLite: numbers
(requests, audit records) are the greatest plus one, which a single writer makes safe. Each statement then
sees what was committed before the lock was got, so `READ COMMITTED` is enough, and needed: a snapshot
would be older than the lock. Readers never wait.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    Text,
    cast,
    create_engine,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gates import errors
from gates.store.metadata import METADATA
from gates.store.tables import APPEND_ONLY

# Any number that others are unlikely to choose: "slotgate" in ASCII. The lock belongs to one database.
_WRITERS = int.from_bytes(b"slotgate", "big")

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOCKED = {"55P03", "40001", "40P01", "57014"}
_CORRUPT = {"XX001", "XX002", "58P01", "42P01", "42703"}
_DENIED = {"25006", "42501", "28000", "28P01"}
_FULL = {"53100"}
_GONE = {"3D000", "57P01", "57P02", "57P03", "53300"}
_DATA, _CONNECTION = "22", "08"


class Postgresql:
    """One PostgreSQL database. It is connected to anew for each transaction, so a process may fork."""

    def __init__(self, url: str, busy_seconds: float) -> None:
        try:
            parts = conninfo_to_dict(url)
        except (psycopg.ProgrammingError, UnicodeError):
            # The driver's words may hold the password.
            raise errors.StoreMissing(
                "the URL of the store cannot be understood; write postgresql://user@host:port/database"
            ) from None
        # 0 would wait for ever; the driver waits no shorter than 2 s for a host.
        self._busy_ms = max(1, round(busy_seconds * 1000))
        self._parts: dict[str, Any] = {
            "connect_timeout": max(2, ceil(busy_seconds)),
            "application_name": "slotgate",
            **parts,
            "client_encoding": "utf8",
        }
        self._engine = self._make_engine()

    @property
    def name(self) -> str:
        """The store as messages name it: without user and password."""
        host, port, database = (str(self._parts.get(part, "")) for part in ("host", "port", "dbname"))
        return f"the store `postgresql://{host}{port and ':'}{port}/{database}`"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Under the writers' lock; waits `busy_seconds` for it."""
        with self._engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {self._busy_ms}")
            # A server may be set to answer before it has written; what we are told is durable must be.
            connection.exec_driver_sql(
                "SELECT set_config('synchronous_commit', 'on', true) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot, which PostgreSQL takes at the first statement."""
        with self._engine.connect() as connection:
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with connection.begin():
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {self._busy_ms}")
                yield connection

    def make_append_only(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Refuse UPDATE, DELETE and TRUNCATE by triggers. Whoever owns the tables may drop them."""
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION slotgate_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION USING ERRCODE = 'restrict_violation', "
            "MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
        )
        for table in tables:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {_trigger(table)} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION slotgate_append_only()"
            )
            # ALWAYS: also for a session that plays a replica and so turns ordinary triggers off.
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER {_trigger(table)}")

    def damage(self, connection: Connection) -> tuple[str, ...]:
        """Read every value of every row; look for rows that point at nothing and for lost protection.

        PostgreSQL has no check that an ordinary user may run; a page it cannot read raises.
        """
        found: list[str] = []
        for table in METADATA.sorted_tables:
            # As text, because only so is every value read, wherever it is kept.
            connection.execute(
                select(func.max(func.length(cast(literal_column(table.name), Text)))).select_from(table)
            )
            found += _strays(connection, table)
        standing = set(
            connection.exec_driver_sql(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE relnamespace = current_schema()::regnamespace AND tgenabled = 'A'"
            ).scalars()
        )
        found += [
            f"`{table.name}` is no longer append-only"
            for table in APPEND_ONLY
            if _trigger(table) not in standing
        ]
        return tuple(found)

    def failure(self, error: DBAPIError) -> errors.StoreError | errors.InvalidEntry:
        """By SQLSTATE, not by words. The driver has none for a connection that cannot be made."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        words = " ".join(str(error.orig).split())
        if state in _LOCKED:
            return errors.StoreLocked(f"{self.name} is locked by another process; try again, or end it")
        if state in _CORRUPT:
            return errors.StoreCorrupt(
                f"{self.name} is damaged: {words}; keep a copy of it and restore a backup"
            )
        if state in _DENIED:
            return errors.StoreReadOnly(
                f"{self.name} cannot be used: {words}; give its user the right to make and write tables"
            )
        if state in _FULL:
            return errors.StoreFull(f"{self.name} cannot be written: the disk is full; free some space")
        if state.startswith(_DATA) or isinstance(error.orig, psycopg.DataError):
            return errors.InvalidEntry(f"{self.name} cannot hold a value: {words}; write it another way")
        if state in _GONE or state.startswith(_CONNECTION) or not state:
            return errors.StoreMissing(
                f"{self.name} cannot be reached: {words}; start it, name the right one, or make it there"
            )
        return errors.StoreError(f"{self.name} failed: {words}; what was committed stands, try again")

    def tables(self) -> frozenset[str]:
        """The names of the tables there are. Raises `DBAPIError`."""
        with self.reading() as connection:
            return frozenset(inspect(connection).get_table_names())

    def close(self) -> None:
        """Nothing is held between transactions."""
        self._engine.dispose()

    def _make_engine(self) -> Engine:
        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(**self._parts),
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
        )


def _trigger(table: Table) -> str:
    return f"{table.name}_append_only"


def _strays(connection: Connection, table: Table) -> Iterator[str]:
    for key in table.foreign_keys:
        here, there = key.parent, key.column
        rows = connection.execute(
            select(func.count()).select_from(table).where(here.is_not(None), here.not_in(select(there)))
        ).scalar_one()
        if rows:
            yield f"{rows} of the rows of `{table.name}` point at nothing in `{there.table.name}`"
