"""The one module that knows SQLite: files, pragmas, locking, triggers, what its errors mean.

WAL lets readers go on beside the one writer; `synchronous=FULL` makes a commit survive a power cut;
`BEGIN IMMEDIATE` takes the write lock before anything is read, so that compare-and-swap holds.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from gates import errors
from gates.controls.durable import make_folder, opened, sync_folder

_LOCKED = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"}
_CORRUPT = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"}
_DENIED = {"SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_CANTOPEN"}
_FULL = {"SQLITE_FULL"}
# A write that fails or falls short leaves no other trace of a full disk or a quota than its name.
_WRITE_FAILED = {"SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_TRUNCATE"}


def make_file(path: Path) -> None:
    """Make an empty, private file to build a store in. Raises `AlreadyThere` when it holds something."""
    try:
        make_folder(path.parent)
        with opened(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW) as descriptor:
            if os.fstat(descriptor).st_size:
                raise errors.AlreadyThere(f"there is a store `{path}` already; open it, or name another home")
            os.fchmod(descriptor, 0o600)
        sync_folder(path.parent)
    except OSError as error:
        raise errors.StoreReadOnly(
            f"cannot make the store `{path}`: {(error.strerror or 'failed').lower()}; "
            "make its folder writable for this user"
        ) from error


def check_file(path: Path) -> None:
    """Raise `StoreMissing` or `StoreCorrupt` when there is no file to open, or an empty one."""
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        raise errors.StoreMissing(
            f"there is no store `{path}`; name the right home, restore it, or make a home with "
            "`slotgate init`"
        ) from None
    except OSError as error:
        raise errors.StoreReadOnly(
            f"the store `{path}` cannot be reached: {(error.strerror or 'failed').lower()}; "
            "make it readable for this user"
        ) from error
    if size == 0:
        raise errors.StoreCorrupt(f"the store `{path}` is empty; restore it from a backup")


class Sqlite:
    """One SQLite database: a file, or memory. A file is opened anew for each transaction.

    So a store that was replaced or removed is noticed, and a process may fork: SQLite allows no
    connection to be carried into a fork. Changes are rare enough to pay for it (docs/adr/0051).
    """

    def __init__(self, path: Path | None, busy_seconds: float) -> None:
        self._path = path
        self._busy_ms = max(0, round(busy_seconds * 1000))
        # Memory is one connection: a transaction at a time, and not at once by two threads.
        self._one_at_a_time = RLock() if path is None else None
        self._engine = self._make_engine(self._open_memory if path is None else self._open_file)

    @property
    def name(self) -> str:
        """The store as messages name it."""
        return "the store in memory" if self._path is None else f"the store `{self._path}`"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """`BEGIN IMMEDIATE`; waits `busy_seconds` for another writer."""
        with self._transaction("BEGIN IMMEDIATE", "PRAGMA query_only = 0") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot, which SQLite takes at the first statement."""
        with self._transaction("BEGIN", "PRAGMA query_only = 1") as connection:
            yield connection

    def make_append_only(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Refuse UPDATE and DELETE by triggers. Whoever may drop triggers is stopped by the chain alone."""
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                    f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
                )

    def damage(self, connection: Connection) -> tuple[str, ...]:
        """`integrity_check` and `foreign_key_check`."""
        rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        strays = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found = [str(row) for row in rows if row != "ok"]
        return (*found, *(f"a row of `{stray[0]}` points at nothing in `{stray[2]}`" for stray in strays))

    def copy_to(self, target: Path) -> None:
        """Write one snapshot of a file into the new file `target`: private, and on disk at the end.

        In one step, so that no writer makes it begin anew, and under WAL it keeps none from writing. What
        was begun stays when it fails. Raises a `StoreError`, `AlreadyThere` where `target` holds something.
        """
        make_file(target)
        try:
            with closing(self._open_file()) as source, closing(sqlite3.connect(target)) as written:
                source.backup(written)
        except sqlite3.Error as error:
            if _error_name(error) in _FULL | _WRITE_FAILED:  # the source is only read
                raise errors.StoreFull(
                    f"the copy `{target}` cannot be written: the disk is full; free some space"
                ) from error
            raise self._meaning(error) from error

    def failure(self, error: DBAPIError) -> errors.StoreError:
        """By SQLite's own error name, not by its words."""
        return self._meaning(error.orig)

    def _meaning(self, original: BaseException | None) -> errors.StoreError:
        extended = _error_name(original)
        primary = "_".join(extended.split("_")[:2])
        if self._path is not None and not os.path.lexists(self._path):
            return errors.StoreMissing(f"{self.name} is gone; restore it from a backup")
        if primary in _LOCKED:
            return errors.StoreLocked(f"{self.name} is locked by another process; try again, or end it")
        if primary in _CORRUPT:
            return errors.StoreCorrupt(
                f"{self.name} is damaged: {original}; keep a copy of it and restore a backup"
            )
        if primary in _DENIED:
            return errors.StoreReadOnly(
                f"{self.name} cannot be used: {original}; make it and its folder writable for this user"
            )
        if primary in _FULL or extended in _WRITE_FAILED:
            return errors.StoreFull(f"{self.name} cannot be written: the disk is full; free some space")
        return errors.StoreError(f"{self.name} failed: {original}; what was committed stands, try again")

    def close(self) -> None:
        """Memory is gone then."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str, before: str) -> Iterator[Connection]:
        if self._one_at_a_time is not None:
            with self._one_at_a_time, self._connected(begin, before) as connection:
                yield connection
        else:
            with self._connected(begin, before) as connection:
                yield connection

    @contextmanager
    def _connected(self, begin: str, before: str) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection = connection.execution_options(sqlite_begin=begin, sqlite_before=before)
            with connection.begin():
                yield connection

    def _make_engine(self, connect: Callable[[], sqlite3.Connection]) -> Engine:
        engine = create_engine(
            "sqlite://", creator=connect, poolclass=StaticPool if self._path is None else NullPool
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _open_memory(self) -> sqlite3.Connection:
        return self._prepared(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))

    def _open_file(self) -> sqlite3.Connection:
        # mode=rw: SQLite must never make the file, a missing store is an error.
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection = self._prepared(connection)
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepared(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.execute(f"PRAGMA busy_timeout = {self._busy_ms}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def _error_name(error: BaseException | None) -> str:
    """SQLite's own, extended; empty for what is none of its errors."""
    return str(getattr(error, "sqlite_errorname", ""))


def _begin(connection: Connection) -> None:
    # Python's driver begins late and never IMMEDIATE; with isolation_level None it leaves it to us.
    options = connection.get_execution_options()
    connection.exec_driver_sql(options["sqlite_before"])
    connection.exec_driver_sql(options["sqlite_begin"])
