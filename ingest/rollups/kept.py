# ruff: noqa: S608 -- constants of this module put together; there are no values
"""What the rollups hold of lines that are gone: a rebuild leaves it, and counts the stored lines around it.

A minute before `retention_state.gone_before_ns` is never counted anew: its lines, or some of them, are gone.
Lines without a time have no minute; what deleted ones counted is kept in `retention_count`, and added.
"""

import duckdb

from ingest.rollups.folding import fold

GONE_BEFORE_NS = "(SELECT gone_before_ns FROM retention_state)"
"""SQL: lines with a time before it may be gone; null: none is."""

RECOUNTED = f"(line_time_ns IS NULL OR coalesce(line_time_ns >= {GONE_BEFORE_NS}, true))"
"""SQL: the rows of telemetry that a rebuild counts. Those that came late for a day that is gone are counted
where they were counted before."""

_MINUTE_NS = 60_000_000_000
_STAYS = "coalesce({unit} < " + GONE_BEFORE_NS + " // {width}, false)"


def forget_what_is_recounted(cursor: duckdb.DuckDBPyConnection) -> None:
    """Take out of the rollups what `RECOUNTED` rows and `add_what_is_gone` give again; the log is folded.

    `gone_before_ns` is a whole hour, so no hour is half of the one and half of the other.
    """
    for table, unit, width in (
        ("rollup_log", "minute", _MINUTE_NS),
        ("rollup_minute", "minute", _MINUTE_NS),
        ("rollup_hour", "hour", 60 * _MINUTE_NS),
    ):
        cursor.execute(f"DELETE FROM {table} WHERE NOT {_STAYS.format(unit=unit, width=width)}")
    fold(cursor)
    cursor.execute(
        "DELETE FROM rollup_key WHERE key_id NOT IN (SELECT key_id FROM rollup_minute UNION "
        "SELECT key_id FROM rollup_hour UNION SELECT key_id FROM retention_count)"
    )


def add_what_is_gone(cursor: duckdb.DuckDBPyConnection) -> None:
    """Append to the log what deleted lines without a time counted."""
    cursor.execute(
        "INSERT INTO rollup_log BY NAME SELECT NULL::BIGINT AS minute, key_id, lines, buckets, counts "
        "FROM retention_count"
    )
