# ruff: noqa: S608 -- constants of this module put together; there are no values
"""What the rollups hold of lines that are gone: a rebuild leaves it, and counts the stored lines around it.

A minute before `retention_state.gone_before_ns` is never counted anew: its lines, or some of them, are gone.
Lines without a time have no minute; what deleted ones counted is kept in `retention_count`, and added.
"""

import duckdb

from ingest.rollups.folding import fold, sum_up_half_days
from ingest.rollups.grain import Grain
from ingest.rollups.inserting import insert_into

GONE_BEFORE_NS = "(SELECT gone_before_ns FROM retention_state)"
"""SQL: lines with a time before it may be gone; null: none is."""

RECOUNTED = f"(line_time_ns IS NULL OR coalesce(line_time_ns >= {GONE_BEFORE_NS}, true))"
"""SQL: the rows of telemetry that a rebuild counts. Those that came late for a day that is gone are counted
where they were counted before."""

_STAYS = "coalesce({unit} < " + GONE_BEFORE_NS + " // {width}, false)"


def replace_what_is_recounted(cursor: duckdb.DuckDBPyConnection) -> None:
    """Put what a rebuild counted into the place of what was counted before; both logs are folded.

    What rows and `add_what_is_gone` cannot give again stays. `gone_before_ns` is a whole hour, so no hour is
    half of the one and half of the other; and it only grows, so what went while a rebuild counted stays, too.
    Half days may be both: they are summed up from the hours.
    """
    fold(cursor, "rebuilt")
    for kind, grain in (("log", Grain.MINUTE), ("minute", Grain.MINUTE), ("hour", Grain.HOUR)):
        is_new = f"NOT {_STAYS.format(unit=grain.unit, width=grain.width_ns)}"
        cursor.execute(f"DELETE FROM rollup_{kind} WHERE {is_new}")
        rebuilt = f"SELECT * FROM rebuilt_{kind} WHERE {is_new} ORDER BY {grain.unit}, key_id"
        insert_into(cursor, f"rollup_{kind}", rebuilt)
        cursor.execute(f"DELETE FROM rebuilt_{kind}")
    sum_up_half_days(cursor)
    fold(cursor)
    cursor.execute(
        "DELETE FROM rollup_key WHERE key_id NOT IN (SELECT key_id FROM rollup_minute UNION "
        "SELECT key_id FROM rollup_hour UNION SELECT key_id FROM retention_count)"
    )


def add_what_is_gone(cursor: duckdb.DuckDBPyConnection) -> None:
    """Append what deleted lines without a time counted to what a rebuild counts."""
    gone = "SELECT NULL::BIGINT AS minute, key_id, lines, buckets, counts FROM retention_count"
    insert_into(cursor, "rebuilt_log", gone)
