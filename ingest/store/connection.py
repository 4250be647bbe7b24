"""One connection to the telemetry store; a cursor for each use, a lock for the one writer at a time."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb

from ingest.store.failures import in_words
from ingest.store.migrations import VERSION, applied, make_tables, migrate
from ingest.store.open_file import Connect, OpenFile

if TYPE_CHECKING:
    from ingest.store.gathered import Gathered

_PRIVATE_FILE = 0o600
_MEMORY, _MEMORY_OF_A_LOAD = "1GB", "512MB"
# DuckDB would keep what it read and wrote in up to four fifths of the machine's memory.
# Finding another database's file in its place, it would fetch an extension from the network.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": _MEMORY,
    "autoinstall_known_extensions": False,
}
_PRIVATE_FOLDER = 0o700


class Turns:
    """A lock that counts who had it: nobody came between two turns whose numbers follow each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0

    def acquire(self, timeout: float = -1) -> bool:
        """As of a lock; False after `timeout` seconds, -1 for as long as it takes."""
        if not self._lock.acquire(timeout=timeout):
            return False
        self._number += 1
        return True

    def release(self) -> None:
        """As of a lock."""
        self._lock.release()

    def __enter__(self) -> int:
        """The number of this turn."""
        self.acquire()
        return self._number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class TelemetryStore:
    """The DuckDB file at `path`. One process owns it; inside, any number of threads use cursors.

    Every cursor sees a consistent snapshot for each query. Errors of DuckDB leave through
    `cursor()` users untranslated except where a function here says otherwise.
    """

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, connect: Connect | None = None
    ) -> None:
        self.path = path
        self._file = OpenFile(path.absolute(), connection, connect or connection.cursor)
        self._writing = threading.Lock()
        self._shared: tuple[int, Gathered] | None = None
        self.loading = Turns()
        """Held by a load from its first look at the sources to its last commit."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open for reading and writing; make folder, file and tables where they are missing.

        Raises `StoreInUse`, `StoreDamaged`, `StoreNewer`, `StoreError`.
        """
        with in_words(path):
            path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            if not path.exists() or path.stat().st_size == 0:
                _create(path)
            connect = partial(duckdb.connect, path.absolute(), config=_CONFIG)
            connection = connect()
            try:
                migrate(connection)
            except BaseException:
                connection.close()
                raise
            return cls(path, connection, connect)

    @classmethod
    def open_for_reading(cls, path: Path) -> Self:
        """Open an existing store without writing a byte; older tables are migrated first.

        Raises `StoreInUse`, `StoreDamaged`, `StoreNewer`, `StoreError`.
        """
        with in_words(path):
            connect = partial(duckdb.connect, path.absolute(), read_only=True, config=_CONFIG)
            connection = connect()
            try:
                version = applied(connection)
            except BaseException:
                connection.close()
                raise
        if version == VERSION:
            return cls(path, connection, connect)
        connection.close()
        return cls.open(path)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one thread or query; close it after use."""
        return self._file.connection()

    def require_its_place(self) -> None:
        """Raises `StoreError` where the file was removed or replaced while it is open: see `OpenFile`."""
        self._file.require_its_place()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A writing transaction; others wait for it. Commits at the end, rolls back on any exception.

        Inside `together` it is part of that, and finds what was gathered written. DuckDB's failures leave as
        `StoreError`s.
        """
        gathered = self.gathered
        if gathered is not None:
            with in_words(self.path):
                yield gathered.settled()
            return
        with self._writing, in_words(self.path):
            cursor = self._file.connection()
            try:
                cursor.execute("BEGIN")
                yield cursor
                cursor.execute("COMMIT")
            except BaseException as error:
                if _has_failed_for_good(error):
                    self._file.begin_anew()
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all those that this thread begins inside: each costs a sync.

        What they store is `gathered` meanwhile: each statement costs, too.
        """
        from ingest.store.gathered import Gathered  # with Arrow, which who only asks does without

        with self.transaction() as cursor:
            gathered = Gathered(cursor)
            self._shared = threading.get_ident(), gathered
            try:
                yield
                gathered.settled()
            finally:
                self._shared = None

    @property
    def gathered(self) -> "Gathered | None":
        """What this thread gathers inside `together`; another one that writes would wait for it."""
        shared = self._shared
        return shared[1] if shared is not None and shared[0] == threading.get_ident() else None

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """In the block DuckDB keeps less in memory: with what a load takes beside it, less than 1 GiB."""
        with self.cursor() as cursor:
            with suppress(duckdb.OutOfMemoryException):  # a question holds more at the moment
                cursor.execute(f"SET GLOBAL memory_limit = '{_MEMORY_OF_A_LOAD}'")
            try:
                yield
            finally:
                with suppress(duckdb.Error):  # it failed for good; opened anew it has that much
                    cursor.execute(f"SET GLOBAL memory_limit = '{_MEMORY}'")

    @contextmanager
    def still(self) -> Iterator[Callable[[], AbstractContextManager[None]]]:
        """Nobody stores anything in the block: loads and other writers wait. Questions are answered.

        Yields what lets go of the file for a block within it, in which questions wait, too: see `OpenFile`.
        """
        with self.loading, self._writing:
            yield self._file.let_go

    def close(self) -> None:
        """Write what is in the log into the file and let go of it."""
        with self._writing, in_words(self.path):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _has_failed_for_good(error: BaseException) -> bool:
    """Whether DuckDB gave up what it has open, also where `in_words` says what that means."""
    return isinstance(error, duckdb.FatalException) or isinstance(error.__cause__, duckdb.FatalException)


def _create(path: Path) -> None:
    """An empty store at `path`, there whole and private or not at all; another's is left as it is."""
    with drafted(path) as draft:
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        with suppress(FileExistsError):
            path.hardlink_to(draft)


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """An empty store beside `path`, whole and private, to be linked to its place; gone afterwards.

    DuckDB's own creation leaves, when killed half-way, a file that it refuses to open ever after.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    draft.unlink(missing_ok=True)
    try:
        connection = duckdb.connect(draft)
        try:
            draft.chmod(_PRIVATE_FILE)
            make_tables(connection)
            connection.execute("CHECKPOINT")  # on closing, DuckDB does not say when the disk is full
        finally:
            connection.close()
        yield draft
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}.wal").unlink(missing_ok=True)
