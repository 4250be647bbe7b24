# ruff: noqa: S608 -- constants put together; values are always parameters
"""Quarantined records that belong to a window, as far as that can be told."""

import duckdb

from ingest.evidence.rows_of import MANAGED, OF_HOME
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window

_FOR_EVER = 2**63 - 1
_TIMED = f"""
SELECT count(*) FILTER (line_time_ns >= $from AND line_time_ns < $ended),
    count(*) FILTER (line_time_ns >= $from AND line_time_ns < $ended AND claims_openai),
    count(*) FILTER (line_time_ns IS NULL)
FROM quarantine WHERE {OF_HOME}
"""


def without_a_time(table: str, which: str, counted: str) -> str:
    """Count the rows `which` of `table` without a time that may be of a window, and of these the `counted`.

    Such a record lies between its neighbours. It is outside of the window only where a line after it is
    older, or a line before it is newer, or its files were last written before; else it is taken to be
    inside: what cannot be told must not open anything.
    """
    return f"""
WITH untimed AS (
    SELECT source_id, line_offset, {counted} AS counted FROM {table} WHERE line_time_ns IS NULL AND {which}
), neighbours AS (
    SELECT source_id, max(line_offset) FILTER (line_time_ns < $from) AS last_before,
        min(line_offset) FILTER (line_time_ns >= $from) AS first_since,
        max(line_offset) FILTER (line_time_ns < $ended) AS last_inside,
        min(line_offset) FILTER (line_time_ns >= $ended) AS first_after
    FROM telemetry WHERE source_id IN (SELECT source_id FROM untimed) GROUP BY ALL
), written AS (
    SELECT source_id, max(mtime_ns) AS last_ns FROM source_file GROUP BY ALL
)
SELECT count(*), count(*) FILTER (counted)
FROM untimed LEFT JOIN neighbours USING (source_id) LEFT JOIN written USING (source_id)
WHERE coalesce(last_ns, $from) >= $from
    AND NOT (line_offset < coalesce(last_before, -1) AND line_offset < coalesce(first_since, {_FOR_EVER}))
    AND NOT (line_offset > coalesce(first_after, {_FOR_EVER}) AND line_offset > coalesce(last_inside, -1))
"""


_UNTIMED = without_a_time("quarantine", MANAGED, "claims_openai")


def invalid_in(cursor: duckdb.DuckDBPyConnection, window: Window) -> tuple[int, int]:
    """How many records, and how many of them claim path openai.

    By their time those of every source of the home's history; without a time those of its own
    sources alone, because nothing ties another's to the window.
    """
    if window.from_ns is None:
        return 0, 0
    span = {
        "from": window.from_ns,
        "ended": _FOR_EVER if window.ended_ns is None else window.ended_ns,
    }
    timed, timed_openai, without = rows(cursor, _TIMED, **span)[0]
    untimed, untimed_openai = rows(cursor, _UNTIMED, **span)[0] if without else (0, 0)
    return timed + untimed, timed_openai + untimed_openai
