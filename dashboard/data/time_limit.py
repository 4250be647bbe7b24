"""A bound on the time that one query may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import duckdb

from dashboard.errors import QueryTimeout

TIMEOUT_SECONDS = 5.0
LONGEST_SECONDS = 30.0
"""Of what is counted beside the pages: distinct jobs among a hundred million lines take some seconds."""


@contextmanager
def time_limit(cursor: duckdb.DuckDBPyConnection, seconds: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """Interrupt what `cursor` runs after `seconds`, and raise `QueryTimeout`."""
    expired: list[bool] = []

    def expire() -> None:
        expired.append(True)
        cursor.interrupt()

    timer = Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if expired:
            raise QueryTimeout(
                f"the query took longer than {seconds:.0f} s and was stopped; choose a shorter window"
            ) from error
        raise
    finally:
        timer.cancel()
