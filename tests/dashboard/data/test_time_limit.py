"""One thread watches over every query: it stops what takes too long, and nothing else."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from dashboard.data.time_limit import time_limit
from dashboard.errors import QueryTimeout

ENDLESS = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b WHERE (a.range * b.range) % 7 = 3"


def stopped(connection: duckdb.DuckDBPyConnection, seconds: float) -> int:
    """The answer of a query after one that was stopped."""
    with pytest.raises(QueryTimeout, match="choose a shorter window"), time_limit(connection, seconds):
        connection.execute(ENDLESS).fetchall()
    with time_limit(connection):
        return int(connection.execute("SELECT 7").fetchall()[0][0])


def test_the_shorter_limit_ends_first_whichever_began_first() -> None:
    with duckdb.connect() as connection, ThreadPoolExecutor(3) as pool:
        cursors = [connection.cursor() for _ in range(3)]
        limits = (60.0, 0.2, 0.1)
        with time_limit(cursors[0], limits[0]):  # it is the first that the thread sleeps until
            found = [pool.submit(stopped, *one) for one in zip(cursors[1:], limits[1:], strict=True)]
            assert [one.result(timeout=30) for one in found] == [7, 7]
            assert cursors[0].execute("SELECT 8").fetchall() == [(8,)]


LIMITED = """
import duckdb
from dashboard.data.time_limit import time_limit
with duckdb.connect() as connection, time_limit(connection):
    connection.execute("SELECT 1").fetchall()
"""


def test_a_process_that_asked_ends_without_a_word() -> None:
    """A thread that is left when Python ends keeps DuckDB's objects, and DuckDB lists them on stderr."""
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_what_somebody_else_interrupts_took_not_too_long() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(duckdb.InterruptException, match="by hand"),
        time_limit(connection, 30),
    ):
        raise duckdb.InterruptException("by hand")


def test_many_queries_leave_one_thread() -> None:
    with duckdb.connect() as connection:
        for _ in range(50):
            with time_limit(connection, 0.05):
                connection.execute("SELECT 1").fetchall()
    assert [one.name for one in threading.enumerate()].count("query time limit") == 1
