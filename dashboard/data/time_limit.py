"""A bound on the time that one query may take.

One thread watches over all queries: starting one for each costs some milliseconds on a busy machine, more
than most queries (ADR 216).
"""

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from dashboard.errors import QueryTimeout

TIMEOUT_SECONDS = 5.0
LONGEST_SECONDS = 30.0
"""Of what is counted beside the pages: distinct jobs among a hundred million lines take some seconds."""


class _Watched:
    """A query under way: until when it may run, and whether it was stopped."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, until_s: float) -> None:
        self.cursor = cursor
        self.until_s = until_s
        self.is_stopped = False


class _Watch:
    """Interrupts queries whose time is over. Its thread is there from the first query on, and sleeps."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: set[_Watched] = set()
        self._wakes_s = float("inf")
        self._is_over = False
        self._thread: threading.Thread | None = None

    def begin(self, cursor: duckdb.DuckDBPyConnection, seconds: float) -> _Watched:
        """Watch over `cursor` for so many seconds from now on."""
        one = _Watched(cursor, time.monotonic() + seconds)
        with self._changed:
            self._watched.add(one)
            if self._thread is None or not self._thread.is_alive():  # a fork takes no threads along
                self._wakes_s, self._is_over = float("inf"), False
                self._thread = threading.Thread(target=self._run, name="query time limit", daemon=True)
                self._thread.start()
            if one.until_s < self._wakes_s:
                self._changed.notify()
        return one

    def end(self, one: _Watched) -> None:
        """It is not interrupted afterwards."""
        with self._changed:
            self._watched.discard(one)

    def over(self) -> None:
        """End the thread. Left alone when Python ends, it keeps all of DuckDB, which complains on stderr."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._is_over:
                now_s = time.monotonic()
                for one in [one for one in self._watched if one.until_s <= now_s]:
                    one.is_stopped = True
                    with suppress(duckdb.Error):  # closed meanwhile: nothing runs there any more
                        one.cursor.interrupt()
                    self._watched.discard(one)
                self._wakes_s = min((one.until_s for one in self._watched), default=float("inf"))
                self._changed.wait(None if self._wakes_s == float("inf") else self._wakes_s - now_s)


_WATCH = _Watch()
atexit.register(_WATCH.over)


@contextmanager
def time_limit(cursor: duckdb.DuckDBPyConnection, seconds: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """Interrupt what `cursor` runs after `seconds`, and raise `QueryTimeout`."""
    watched = _WATCH.begin(cursor, seconds)
    try:
        yield
    except duckdb.InterruptException as error:
        if watched.is_stopped:
            raise QueryTimeout(
                f"the query took longer than {seconds:.0f} s and was stopped; choose a shorter window"
            ) from error
        raise
    finally:
        _WATCH.end(watched)
