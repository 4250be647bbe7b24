# ruff: noqa: S608 -- constants put together; values are always parameters
"""Sum what transactions appended up, into one row for each minute, hour, or half day, and key.

Only those that the log names are written anew. A row whose counts come to nothing goes. Folded
or not, the sum of log and table is the same.
"""

from typing import Literal

import duckdb

from ingest.rollups.grain import Grain
from ingest.rollups.inserting import insert_into
from ingest.store.half_day_tables import SUMMED_UP

Tables = Literal["rollup", "rebuilt"]
"""How the names of the tables begin: of those that are read, or of those that a rebuild fills beside them."""

_FOLDED: dict[Tables, tuple[Grain, ...]] = {"rollup": tuple(Grain), "rebuilt": (Grain.MINUTE, Grain.HOUR)}
"""A rebuild has no half days of its own: `sum_up_half_days` makes them at its end."""

LONG = 100_000
"""Rows of the log from which it is folded at once; half of what is folded already, where that is more."""
WORTH_IT = 5_000
"""Rows from which it is folded at the end of a load."""


def fold_what_is_long(cursor: duckdb.DuckDBPyConnection, tables: Tables = "rollup") -> None:
    """Fold a log that has become long, in the transaction of `cursor`."""
    rows = _rows(cursor, f"{tables}_log")
    if rows > LONG and rows > _rows(cursor, f"{tables}_minute") // 2:
        fold(cursor, tables)


def is_worth_folding(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether the log has some length."""
    return _rows(cursor, "rollup_log") > WORTH_IT


def fold(cursor: duckdb.DuckDBPyConnection, tables: Tables = "rollup") -> None:
    """Empty the log into the minutes, the hours and the half days, in the transaction of `cursor`."""
    for grain in _FOLDED[tables]:
        for statement in _touched(tables, grain):
            cursor.execute(statement)
        insert_into(cursor, f"{tables}_{grain.unit}", _folded(grain.unit))
        cursor.execute("DROP TABLE folding")
    cursor.execute(f"DELETE FROM {tables}_log")


def sum_up_half_days(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the half days anew from the hours, which are there for ever."""
    cursor.execute("DELETE FROM rollup_half_day")
    insert_into(cursor, "rollup_half_day", SUMMED_UP)


def _rows(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(cursor.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _touched(tables: Tables, grain: Grain) -> tuple[str, ...]:
    """The statements that put the log, and what it names of the table of `grain`, into `folding`.

    Rounded down, not towards zero: before 1970 minutes are negative.
    """
    unit = grain.unit
    touched = f"EXISTS (FROM folding f WHERE f.{unit} IS NOT DISTINCT FROM r.{unit})"
    return (
        f"""
        CREATE OR REPLACE TEMP TABLE folding AS
        SELECT floor(minute / {grain.minutes})::BIGINT AS {unit}, key_id, lines, buckets, counts
        FROM {tables}_log
        """,
        f"INSERT INTO folding BY NAME SELECT * FROM {tables}_{unit} r WHERE {touched}",
        f"DELETE FROM {tables}_{unit} r WHERE {touched}",
    )


def _folded(unit: str) -> str:
    """SQL: the rows of the log and those that it names, summed up.

    A row that has its key and time alone is moved as it is; histograms are taken apart only where some
    are to be added up.
    """
    same = f"f.{unit} IS NOT DISTINCT FROM s.{unit} AND f.key_id = s.key_id"
    return f"""
        WITH several AS (
            SELECT {unit}, key_id FROM folding GROUP BY ALL HAVING count(*) > 1
        ), flat AS (
            SELECT {unit}, key_id, bucket, sum(count)::BIGINT AS count FROM (
                SELECT {unit}, key_id, unnest(buckets) AS bucket, unnest(counts) AS count
                FROM folding f SEMI JOIN several s ON {same}
            ) GROUP BY ALL HAVING sum(count) <> 0
        )
        SELECT {unit}, key_id, sum(count)::BIGINT AS lines, list(bucket ORDER BY bucket) AS buckets,
            list(count ORDER BY bucket) AS counts
        FROM flat GROUP BY ALL
        UNION ALL BY NAME
        SELECT f.* FROM folding f ANTI JOIN several s ON {same}
        ORDER BY {unit}, key_id
    """
