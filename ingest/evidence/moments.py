# ruff: noqa: S608 -- constants put together; values are always parameters
"""What of a window depends on times and on single latencies: hours, the newest lines, percentiles."""

from dataclasses import dataclass

import duckdb

from gates.verdict.evidence import Percentiles
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, NO_PROBE, OF_HOME, TO_MODEL, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window
from schemas.instant import SECOND

LAST_LINES = 200
"""How many of the newest lines tell what is in use, and how frequent a finding is (DESIGN section 6)."""

_HOUR_NS = 3600 * SECOND
_SHOWN_BELOW = 20
# Ties are broken by content before place, so that the order of arrival decides nothing.
_NEWEST_FIRST = """
ORDER BY line_time_ns DESC NULLS LAST, executor_version, job_id, path, status, error_code, latency_ms,
    source_id, line_offset DESC, record_index DESC
"""
_HOURS = f"""
SELECT count(DISTINCT line_time_ns // {_HOUR_NS}),
    count(DISTINCT line_time_ns // {_HOUR_NS}) FILTER ({TO_MODEL}), max(line_time_ns)
FROM telemetry WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND line_time_ns <= $until
"""
_IN_USE = f"""
SELECT DISTINCT executor_version FROM (
    SELECT * FROM telemetry
    WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND {TO_MODEL}
    ORDER BY line_time_ns DESC NULLS LAST, executor_version LIMIT {LAST_LINES}
)
"""
LAST = f"""
SELECT source_id, line_offset, record_index FROM telemetry WHERE {IN_WINDOW} AND {OF_HOME}
{_NEWEST_FIRST} LIMIT {LAST_LINES}
"""
"""The newest lines of the window, of every source and probes too: what findings are a share of."""

_PERCENTILES = f"""
WITH counted AS (
    SELECT latency_ms, count(*) AS n FROM telemetry
    WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND {TO_MODEL} AND status = 'COMPLETED'
        AND NOT list_contains($removed::INTEGER[], interval_no)
    GROUP BY ALL
), ranked AS (
    SELECT *, sum(n) OVER (ORDER BY latency_ms) AS up_to, sum(n) OVER () AS total FROM counted
)
SELECT coalesce(any_value(total), 0)::BIGINT,
    min(latency_ms) FILTER (100 * up_to >= 50 * total),
    min(latency_ms) FILTER (100 * up_to >= 95 * total),
    min(latency_ms) FILTER (100 * up_to >= 99 * total),
    list(latency_ms ORDER BY latency_ms) FILTER (total < {_SHOWN_BELOW}),
    list(n ORDER BY latency_ms) FILTER (total < {_SHOWN_BELOW})
FROM ranked
"""


@dataclass(frozen=True, slots=True)
class Hours:
    """Distinct hours with a line, and with one that reached the model; when the newest line was written.

    Lines from after now are in none of them: their clock is wrong.
    """

    any_line: int
    to_model: int
    last_line_ns: int | None


def hours_of(cursor: duckdb.DuckDBPyConnection, window: Window) -> Hours:
    """The hours of the window up to the time that is looked at."""
    return Hours(*rows(cursor, _HOURS, **bounds(window), until=window.until_ns)[0])


def versions_in_use(cursor: duckdb.DuckDBPyConnection, window: Window) -> frozenset[str]:
    """The executorVersions among the newest lines that reached the model."""
    return frozenset(name for (name,) in rows(cursor, _IN_USE, **bounds(window)))


def percentiles_of(cursor: duckdb.DuckDBPyConnection, window: Window) -> Percentiles:
    """Of every line that completed, as the report has it: nearest rank, exact."""
    found = rows(cursor, _PERCENTILES, **bounds(window), removed=list(window.removed))
    count, p50, p95, p99, values, counts = found[0]
    points = [value for value, n in zip(values or (), counts or (), strict=True) for _ in range(n)]
    return Percentiles(count=count, p50=p50, p95=p95, p99=p99, points=tuple(points))
