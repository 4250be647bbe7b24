"""Which stretches of time have rows to delete, each small enough for one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from ingest.retention.bound import HOUR_NS, month_of
from ingest.rollups.counting import MINUTE_NS

EARLIEST_NS = -(2**63)
_ROWS = """
SELECT greatest(line_time_ns, 0) // $width AS piece, count(*) FROM (
    SELECT line_time_ns FROM telemetry WHERE line_time_ns >= $from AND line_time_ns < $until
    UNION ALL SELECT line_time_ns FROM quarantine WHERE line_time_ns >= $from AND line_time_ns < $until
) GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Line times from `from_ns` on, before `until_ns`, all of one UTC `month` (before 1970: its first).

    It had so many `rows` when it was looked for.
    """

    from_ns: int
    until_ns: int
    month: str
    rows: int


def stretches(cursor: duckdb.DuckDBPyConnection, before_ns: int, rows_at_once: int) -> Iterator[Stretch]:
    """The stretches before `before_ns` with rows, oldest first, of about `rows_at_once` rows at most.

    A minute is never taken apart. DuckDB's errors leave as they are.
    """
    begin_ns, end_ns, rows = EARLIEST_NS, EARLIEST_NS, 0
    for from_ns, until_ns, count in _pieces(cursor, before_ns, rows_at_once):
        is_same_month = rows == 0 or month_of(max(0, begin_ns)) == month_of(max(0, from_ns))
        if rows and (rows + count > rows_at_once or not is_same_month):
            yield Stretch(begin_ns, end_ns, month_of(max(0, begin_ns)), rows)
            rows = 0
        if rows == 0:
            begin_ns = from_ns
        end_ns, rows = until_ns, rows + count
    if rows:
        yield Stretch(begin_ns, end_ns, month_of(max(0, begin_ns)), rows)


def _pieces(
    cursor: duckdb.DuckDBPyConnection, before_ns: int, rows_at_once: int
) -> Iterator[tuple[int, int, int]]:
    """Hours with their rows, and minutes where an hour has too many."""
    for from_ns, until_ns, count in _counted(cursor, EARLIEST_NS, before_ns, HOUR_NS):
        if count > rows_at_once:
            yield from _counted(cursor, from_ns, until_ns, MINUTE_NS)
        else:
            yield from_ns, until_ns, count


def _counted(
    cursor: duckdb.DuckDBPyConnection, from_ns: int, until_ns: int, width: int
) -> list[tuple[int, int, int]]:
    asked = {"from": from_ns, "until": until_ns, "width": width}
    return [
        (
            EARLIEST_NS if piece == 0 else piece * width,
            min((piece + 1) * width, until_ns),
            count,
        )
        for piece, count in cursor.execute(_ROWS, asked).fetchall()
    ]
