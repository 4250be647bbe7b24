# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""The queries of the report. Each takes `$step` and `$since`, null for no restriction.

Consecutive intervals of a history at the same step are one entry. A row, of the table or of the archive,
belongs to the entry of its interval, in its history: an equal join, never an as-of join at query time.
"""

from typing import NamedTuple

from ingest.archive.reading import BOTH, CALLS
from ingest.rollups.grain import Grain
from ingest.rollups.reading import latencies
from ingest.usage import COUNTED, SUMS

Entry = tuple[str, int]
"""A history and the number of a run of equal steps in it."""


class OutcomeCount(NamedTuple):
    """How often a path ended in a status with an errorCode."""

    path: str
    status: str
    error_code: str | None
    lines: int


_ENTRIES = """
entries AS (
    SELECT *, sum(starts) OVER (PARTITION BY history_id ORDER BY interval_no)::INTEGER AS entry
    FROM (
        SELECT *, CASE WHEN step = lag(step) OVER w AND stage IS NOT DISTINCT FROM lag(stage) OVER w
            THEN 0 ELSE 1 END AS starts
        FROM control_interval
        WHERE history_id = 'home' OR history_id IN (SELECT history_id FROM source)
            OR history_id IN (SELECT unnest(histories) FROM archive_part)
        WINDOW w AS (PARTITION BY history_id ORDER BY interval_no)
    )
)
"""


def _chosen(rows: str) -> str:
    return f"""
    WITH {_ENTRIES}, chosen AS (
        SELECT t.*, e.entry
        FROM {rows} t LEFT JOIN entries e ON e.history_id = t.history_id AND e.interval_no = t.interval_no
        WHERE ($step IS NULL OR t.step = $step) AND ($since IS NULL OR t.line_time_ns >= $since)
    )
    """


_CHOSEN = _chosen(BOTH.lines)
# Every query names both parameters, because DuckDB refuses one that a statement does not use.
_UNUSED = "($step IS NULL OR true) AND ($since IS NULL OR true)"

STEPS = f"""
WITH {_ENTRIES}
SELECT history_id, entry, any_value(stage), any_value(step), min(from_ns),
    CASE WHEN bool_or(to_ns IS NULL) THEN NULL ELSE max(to_ns) END AS until,
    list(revision ORDER BY interval_no)
FROM entries WHERE $step IS NULL OR step = $step
GROUP BY history_id, entry
HAVING $since IS NULL OR until IS NULL OR until > $since
ORDER BY min(from_ns), history_id, entry
"""
OUTCOMES = f"""
{_CHOSEN}
SELECT history_id, entry, path, status, error_code, count(*)
FROM chosen GROUP BY ALL
"""
# Latencies are mostly whole milliseconds: counting each value first keeps this small and exact.
_PERCENTILES = """
ranked AS (
    SELECT *, sum(n) OVER (g ORDER BY latency_ms) AS up_to, sum(n) OVER g AS total
    FROM groups WINDOW g AS (PARTITION BY is_total, history_id, entry, path)
)
SELECT is_total, history_id, entry, path, [
    min(latency_ms) FILTER (100 * up_to >= 50 * total),
    min(latency_ms) FILTER (100 * up_to >= 95 * total),
    min(latency_ms) FILTER (100 * up_to >= 99 * total)]
FROM ranked GROUP BY ALL
"""
LATENCIES = f"""
{_CHOSEN}, counted AS (
    SELECT false AS is_total, CASE WHEN entry IS NOT NULL THEN history_id END AS history_id, entry, path,
        latency_ms, count(*) AS n
    FROM chosen GROUP BY ALL
), groups AS (
    FROM counted UNION ALL
    SELECT true, NULL, NULL, path, latency_ms, sum(n) FROM counted GROUP BY ALL
), {_PERCENTILES}
"""
ROLLED = latencies(None, Grain.HALF_DAY, ("history_id", "interval_no", "path", "status", "error_code"))
ENTRIES = f"WITH {_ENTRIES} SELECT history_id, interval_no, entry FROM entries"
USAGE = f"""
{_chosen(CALLS)}, counted AS (
    SELECT {COUNTED} FROM chosen t WHERE t.path = 'openai' OR c.attempt > 0
)
SELECT CASE WHEN entry IS NOT NULL THEN history_id END AS history_id, entry, {SUMS}
FROM counted WHERE calls > 0 GROUP BY ALL ORDER BY ALL
"""
STRADDLING = f"""
{_CHOSEN}
SELECT history_id, entry, count(*) FROM chosen
WHERE entry IS NOT NULL AND revision IS DISTINCT FROM revision_at_line GROUP BY ALL
"""
SPAN = f"{_CHOSEN} SELECT min(line_time_ns), max(line_time_ns) FROM chosen"
CONTRADICTIONS = f"""
{_CHOSEN}
SELECT contradiction, count(*) AS n FROM chosen WHERE contradiction IS NOT NULL GROUP BY ALL
ORDER BY n DESC, 1
"""
QUALITIES = f"{_CHOSEN} SELECT time_quality, count(*) AS n FROM chosen GROUP BY ALL ORDER BY n DESC, 1"
VERSIONS = f"{_CHOSEN} SELECT executor_version, count(*) AS n FROM chosen GROUP BY ALL ORDER BY n DESC, 1"
UNATTRIBUTED = f"""
{_CHOSEN}
SELECT CASE WHEN line_time_ns IS NULL THEN 'no time' WHEN history_id IS NULL THEN 'no control history'
    ELSE 'before the first revision' END AS reason, count(*) AS n
FROM chosen WHERE entry IS NULL GROUP BY ALL
ORDER BY n DESC, 1
"""
QUARANTINE = f"""
SELECT cause, count(*) AS n, count(*) FILTER (claims_openai) FROM {BOTH.quarantine}
WHERE {_UNUSED} AND ($since IS NULL OR line_time_ns >= $since) GROUP BY ALL
ORDER BY n DESC, 1
"""
NOISE_LINES = f"SELECT coalesce(sum(at_ending.noise_lines), 0)::BIGINT FROM source WHERE {_UNUSED}"
SOURCES = f"SELECT count(*) FROM source WHERE {_UNUSED}"
