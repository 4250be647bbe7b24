# ruff: noqa: S608 -- constants of this package put together; values are always parameters
"""Count every stored record into the rollups anew, a stretch of days at a time (ADR 196).

Each stretch is a transaction of its own, that counts some million rows into tables beside those that are
read, and moves the mark up to which that was done. What a load, a replay or another history changes before
the mark is added there, too; what lies behind it is counted when its stretch comes. So all of it is counted
once, whatever is stored between two stretches, and a rebuild that was ended, or killed, goes on at its mark.
The last transaction puts it into the place of what was there.
"""

from collections.abc import Iterable

import duckdb

from ingest.progress import HowFar, Tell, Unit, Work, silent
from ingest.rollups.counting import MINUTE_NS
from ingest.rollups.kept import RECOUNTED, add_what_is_gone, replace_what_is_recounted
from ingest.rollups.log import ROWS_AT_ONCE, count_beside
from ingest.store import TelemetryStore

_DAY = 24 * 60
_FIRST, _LAST = -(2**63) // MINUTE_NS - 1, 2**63 // MINUTE_NS + 1
"""Minutes before and behind any there can be."""


def rebuild_rollups(store: TelemetryStore, tell: Tell = silent, rows_at_once: int = ROWS_AT_ONCE) -> int:
    """Count every stored record anew; how many there are. One that was begun before goes on.

    Readers see what was there until all is counted; writers wait for one stretch: the days that together
    have `rows_at_once` rows, and at least one. `tell` is told in rows, and ends it between two stretches.
    Raises `StoreError`, and what `tell` raises.
    """
    with store.transaction() as cursor:
        _begin(cursor)
        stretches = _stretches(cursor, rows_at_once)
    total = sum(rows for _, rows in stretches)
    done = 0
    for before, rows in stretches:
        tell(HowFar(Work.REBUILD, "rollups", done, total, Unit.ROWS))
        with store.transaction() as cursor:
            _count_anew(cursor, before)
        done += rows
    tell(HowFar(Work.REBUILD, "rollups", done, total, Unit.ROWS))
    with store.transaction() as cursor:
        _finish(cursor)
        return int(cursor.execute("SELECT count(*) FROM telemetry").fetchall()[0][0])


def is_under_way(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether a rebuild was begun and has not come to its end: it goes on, or somebody ended it."""
    return bool(cursor.execute("FROM rebuild_state").fetchall())


def _begin(cursor: duckdb.DuckDBPyConnection) -> None:
    if not is_under_way(cursor):
        cursor.execute("INSERT INTO rebuild_state VALUES (NULL)")


def _stretches(cursor: duckdb.DuckDBPyConnection, rows_at_once: int) -> list[tuple[int, int]]:
    """The minute before which each ends, and its rows as of now; the first has those without a time, too."""
    days = cursor.execute(
        f"SELECT floor(line_time_ns / {_DAY * MINUTE_NS})::BIGINT AS day, count(*) FROM telemetry "
        f"WHERE {RECOUNTED} GROUP BY day ORDER BY day NULLS FIRST"
    ).fetchall()
    return list(_gathered(days, rows_at_once))


def _gathered(days: Iterable[tuple[int | None, int]], rows_at_once: int) -> Iterable[tuple[int, int]]:
    rows = 0
    for day, count in days:
        rows += count
        if rows >= rows_at_once:
            yield (_FIRST if day is None else (day + 1) * _DAY), rows
            rows = 0
    yield _LAST, rows


def _count_anew(cursor: duckdb.DuckDBPyConnection, before: int) -> None:
    """Count what lies between the mark and minute `before`, and move the mark there.

    Nothing where that was done: by another rebuild that goes on beside this one, or that came to its end.
    """
    for (mark,) in cursor.execute("SELECT before_minute FROM rebuild_state").fetchall():
        if mark is not None and mark >= before:
            continue
        if mark is None:
            count_beside(cursor, "line_time_ns IS NULL", {})
            add_what_is_gone(cursor)
        since = _FIRST if mark is None else mark
        span = {"first_ns": _moment(since * MINUTE_NS), "last_ns": _moment(before * MINUTE_NS - 1)}
        count_beside(cursor, f"{RECOUNTED} AND line_time_ns BETWEEN $first_ns AND $last_ns", span)
        cursor.execute("UPDATE rebuild_state SET before_minute = ?", [before])


def _finish(cursor: duckdb.DuckDBPyConnection) -> None:
    """Unless another one, that was begun anew meanwhile, has not counted all yet: that one finishes."""
    if (_LAST,) in cursor.execute("FROM rebuild_state").fetchall():
        replace_what_is_recounted(cursor)
        cursor.execute("DELETE FROM rebuild_state")
        cursor.execute("UPDATE rollup_state SET is_complete = true")


def _moment(at_ns: int) -> int:
    """The nearest that a column of times can hold."""
    return max(-(2**63), min(2**63 - 1, at_ns))
