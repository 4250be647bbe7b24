# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Lines without a time: they go when their source stood still since before the bound.

Nothing tells when such a line was written. A pass notes when it first found the end of a source where it
is; what did not grow since before the bound can hold no line that is needed after it.
"""

import duckdb

_HOLD_SOME = """
SELECT source_id FROM telemetry WHERE line_time_ns IS NULL
UNION SELECT source_id FROM quarantine WHERE line_time_ns IS NULL
UNION SELECT source_id FROM noise_sample
"""
_GREW_OR_EMPTY = f"""
DELETE FROM retention_untimed u WHERE source_id NOT IN ({_HOLD_SOME})
    OR ending <> (SELECT s.ending."offset" FROM source s WHERE s.source_id = u.source_id)
"""
_NEW = f"""
INSERT INTO retention_untimed
SELECT source_id, ending."offset", $now FROM source
WHERE source_id IN ({_HOLD_SOME}) AND source_id NOT IN (SELECT source_id FROM retention_untimed)
"""
_STILL = """
SELECT source_id, least(checkpoint."offset", coalesce(audited_to, 0))
FROM retention_untimed JOIN source USING (source_id) LEFT JOIN gate_mark USING (source_id)
WHERE since_ns < $before ORDER BY source_id
"""
_BEGINS = """
SELECT DISTINCT line_offset FROM (
    SELECT line_offset, row_number() OVER (ORDER BY line_offset) AS number FROM telemetry
    WHERE source_id = $source AND line_time_ns IS NULL AND line_offset < $until
) WHERE number % $rows = 0 ORDER BY line_offset
"""


def note_sources(cursor: duckdb.DuckDBPyConnection, now_ns: int) -> None:
    """Note since when each source with such lines stands where it does."""
    cursor.execute(_GREW_OR_EMPTY)
    cursor.execute(_NEW, {"now": now_ns})


def still_since(cursor: duckdb.DuckDBPyConnection, before_ns: int) -> list[tuple[int, int]]:
    """The sources that stood still since before then, and up to where each is closed and audited."""
    return cursor.execute(_STILL, {"before": before_ns}).fetchall()


def parted(
    cursor: duckdb.DuckDBPyConnection, source_id: int, until: int, rows_at_once: int
) -> list[tuple[int, int]]:
    """The lines of a source before the offset `until`, in spans of about `rows_at_once` rows."""
    asked = {"source": source_id, "until": until, "rows": rows_at_once}
    begins = [0, *(offset for (offset,) in cursor.execute(_BEGINS, asked).fetchall())]
    return list(zip(begins, [*begins[1:], until], strict=True))
