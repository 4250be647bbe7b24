"""A DuckDB file that this process holds open: a connection for each use, and now and then none at all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

import duckdb

from ingest.errors import StoreError, StoreInUse

_MOMENT_S, _PAUSE_S = 0.5, 0.01
PATIENCE_S = 60.0
"""How long a file that is asked without a break is tried to be let go of."""

Connect = Callable[[], duckdb.DuckDBPyConnection]


class OpenFile:
    """What `first` opened and holds; `connect` gives more connections to the same, each closed by its user.

    They are no cursors of `first`: closing that would close them under their users.
    """

    def __init__(self, path: Path, first: duckdb.DuckDBPyConnection, connect: Connect) -> None:
        self._path = path
        self._first: duckdb.DuckDBPyConnection | None = first
        self._connect = connect
        self._given: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()
        self._is_ended = self._has_failed = False
        self._opened = self._named()
        self._gate = threading.Lock()

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection for one thread or query; opens a file that was let go of. Raises `duckdb.Error`."""
        with self._gate:
            if self._is_ended:
                raise duckdb.ConnectionException("the telemetry store was closed")
            if self._has_failed:
                self._has_failed = not self._is_ended_everywhere()
            if self._first is None:
                self._first = self._connect()
                self._opened = self._named()
            given = self._connect()
            self._given.add(given)
            return given

    def begin_anew(self) -> None:
        """What is open failed for good, and is opened anew for the next who asks.

        DuckDB does so where it cannot checkpoint, as on a full disk: every question gets a `FatalException`
        until no connection to it is left. What was committed stands.
        """
        with self._gate:
            self._has_failed = True

    def require_its_place(self) -> None:
        """Raises `StoreError` where the path names another file than the one that is open, or none."""
        with self._gate:
            if self._first is not None and self._named() != self._opened:
                raise StoreError(
                    f"the telemetry store `{self._path}` was removed or replaced while it was open, and what "
                    "is stored now would go with it; stop what serves it and start it again: that reads "
                    "the spool anew"
                )

    def close(self) -> None:
        """Close every connection that is left, and let go of the file, which then holds what its log held."""
        with self._gate:
            self._is_ended = True
            for given in tuple(self._given):
                given.close()
            if self._first is not None:
                self._first.close()

    @contextmanager
    def let_go(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        """Close the file, whose log is then written into it, for the length of the block.

        Who asks for a connection meanwhile waits; who has one is waited for, half a second at a time, between
        which others have their turn. The next who asks opens what stands at the path then. Raises
        `StoreInUse` where there is no moment without a question.
        """
        given_up_at = time.monotonic() + patience_s
        while True:
            with self._gate:
                if self._is_closed():
                    yield
                    return
            if time.monotonic() > given_up_at:
                raise StoreInUse(
                    f"the telemetry store `{self._path}` is asked without a break; try again when fewer "
                    "pages and commands look at it"
                )
            time.sleep(_PAUSE_S)

    def _named(self) -> tuple[int, int] | None:
        """Device and inode of what the path names; null where it names nothing that can be looked at."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _is_ended_everywhere(self) -> bool:
        """Close every connection; false where one is busy, to be closed when the next one is asked for."""
        if self._first is not None:
            self._first.close()
            self._first = None
        is_busy = False
        for given in tuple(self._given):
            try:
                given.interrupt()
                given.close()
            except duckdb.ResourceInUseException:
                is_busy = True
            except duckdb.ConnectionException:  # closed by its user
                continue
        return not is_busy

    def _is_closed(self) -> bool:
        if self._first is not None:
            self._first.close()
            self._first = None
        until = time.monotonic() + _MOMENT_S
        while not _is_free(self._path):
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE_S)
        return True


def _is_free(path: Path) -> bool:
    """DuckDB opens a file that this process has open for writing to nobody who only reads."""
    try:
        duckdb.connect(path, read_only=True).close()
    except duckdb.ConnectionException:
        return False
    return True
