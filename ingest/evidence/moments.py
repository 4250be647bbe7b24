# ruff: noqa: S608 -- constants put together; values are always parameters
"""What of a window depends on times and on single latencies: hours, the newest lines, percentiles."""

from dataclasses import dataclass

import duckdb

from gates.verdict.evidence import Percentiles
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, NO_PROBE, OF_HOME, TO_MODEL, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.tally import Tally
from ingest.evidence.window import Window

LAST_LINES = 200
"""How many of the newest lines tell what is in use, and how frequent a finding is (DESIGN section 6)."""

_SHOWN_BELOW = 20
# Ties are broken by content before place, so that the order of arrival decides nothing.
_NEWEST_FIRST = """
ORDER BY line_time_ns DESC NULLS LAST, executor_version, job_id, path, status, error_code, latency_ms,
    source_id, line_offset DESC, record_index DESC
"""
_IN_USE = f"""
SELECT DISTINCT executor_version FROM (
    SELECT executor_version FROM telemetry
    WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND {TO_MODEL} {{since}}
    ORDER BY line_time_ns DESC NULLS LAST, executor_version LIMIT {LAST_LINES}
)
"""
_LAST = f"""
SELECT source_id, line_offset, record_index FROM telemetry WHERE {IN_WINDOW} AND {OF_HOME} {{since}}
{_NEWEST_FIRST} LIMIT {LAST_LINES}
"""
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


def hours_of(tally: Tally) -> Hours:
    """The hours of the window up to the time that is looked at."""
    seen = [(one.last_ns, one) for one in tally.hours if one.counts and one.last_ns is not None]
    return Hours(
        any_line=len({one.hour for _, one in seen}),
        to_model=len({one.hour for _, one in seen if one.to_model}),
        last_line_ns=max((last_ns for last_ns, _ in seen), default=None),
    )


def versions_in_use(cursor: duckdb.DuckDBPyConnection, window: Window, tally: Tally) -> frozenset[str]:
    """The executorVersions among the newest lines that reached the model."""
    names = frozenset(one.executor_version for one in tally.groups if one.counts and one.to_model)
    if len(names) < 2:
        return names
    query = _IN_USE.format(
        since=_since(tally.newest_since_ns(LAST_LINES, lambda hour: hour.counts and hour.to_model))
    )
    return frozenset(name for (name,) in rows(cursor, query, **bounds(window)))


def last_of(tally: Tally) -> str:
    """SQL: the places of the newest lines of the window, of every source and probes too; takes `bounds`.

    They are what findings are a share of.
    """
    return _LAST.format(since=_since(tally.newest_since_ns(LAST_LINES)))


def _since(at_ns: int | None) -> str:
    """The newest lines need not be looked for among older ones."""
    return "" if at_ns is None else f"AND line_time_ns >= {at_ns}"


def percentiles_of(cursor: duckdb.DuckDBPyConnection, window: Window, tally: Tally) -> Percentiles:
    """Of every line that completed, as the report has it: nearest rank, exact."""
    if not any(one.counts and one.to_model and one.status == "COMPLETED" for one in tally.groups):
        return Percentiles(count=0, p50=None, p95=None, p99=None, points=())
    found = rows(cursor, _PERCENTILES, **bounds(window), removed=list(window.removed))
    count, p50, p95, p99, values, counts = found[0]
    points = [value for value, n in zip(values or (), counts or (), strict=True) for _ in range(n)]
    return Percentiles(count=count, p50=p50, p95=p95, p99=p99, points=tuple(points))
