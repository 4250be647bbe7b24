# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Failed model calls by errorCode and executorVersion, and the lines behind them."""

from dataclasses import dataclass
from typing import Any

from dashboard.data.queries import Cursor, records
from ingest.recent_jobs import HOUR_NS
from ingest.rollups.grain import Grain
from ingest.rollups.reading import counts
from ingest.rollups.upkeep import is_complete

MOST_ROWS = 60
LINES = 25
NO_CODE = "(none)"
_WHERE = """
t.path = 'openai' AND t.status = 'FAILED' AND ($code IS NULL OR coalesce(t.error_code, '(none)') = $code)
AND ($version IS NULL OR t.executor_version = $version) AND ($step IS NULL OR t.step = $step)
"""
_CALLS = """
SELECT executor_version AS version, count(*) AS calls FROM telemetry
WHERE path = 'openai' AND ($step IS NULL OR step = $step) GROUP BY ALL
"""
# The ids of the newest are fetched by their rows: reading that column for every failure costs more.
_TABLE = f"""
SELECT *, sum(failed) OVER () AS of_all, count(*) OVER () AS groups FROM (
    SELECT coalesce(t.error_code, '(none)') AS code, t.executor_version AS version, count(*) AS failed,
        min(t.line_time_ns) AS first_ns, max(t.line_time_ns) AS last_ns,
        coalesce(arg_max(t.rowid, t.line_time_ns, 3), list(t.rowid)[:3]) AS newest
    FROM telemetry t WHERE {_WHERE} GROUP BY ALL
)
ORDER BY failed DESC, last_ns DESC NULLS LAST, code, version LIMIT {MOST_ROWS}
"""
_LINES = f"""
SELECT t.source_id, t.line_offset, t.record_index, t.job_id, t.error_code, t.executor_version, t.line_time_ns,
    t.latency_ms, t.step, t.revision, s.name AS source
FROM telemetry t JOIN source s USING (source_id)
WHERE {_WHERE} AND ($since IS NULL OR t.line_time_ns >= $since)
ORDER BY t.line_time_ns DESC NULLS LAST, t.source_id, t.line_offset DESC LIMIT {LINES} OFFSET $skipped
"""
_BY_HOUR = f"""
SELECT at_ns // {HOUR_NS} AS hour, sum(lines)::BIGINT AS lines
FROM ({counts(None, Grain.HOUR, ("at_ns",), _WHERE.replace("t.", ""))}) WHERE at_ns IS NOT NULL
GROUP BY ALL ORDER BY hour DESC
"""


@dataclass(frozen=True, slots=True)
class FailedFilter:
    """Which failures; null for no restriction. `code` is `NO_CODE` for failures that name none."""

    code: str | None = None
    version: str | None = None
    step: str | None = None

    def parameters(self) -> dict[str, str | None]:
        """As the queries take them."""
        return {"code": self.code, "version": self.version, "step": self.step}


def failures(cursor: Cursor, chosen: FailedFilter) -> tuple[dict[str, Any], ...]:
    """One row a code and version: `failed` of `calls` of that version, most first. Raises `QueryTimeout`."""
    cursor.begin()  # row numbers are those of one moment
    try:
        found = records(cursor, _TABLE, chosen.parameters())
        calls = {row["version"]: row["calls"] for row in records(cursor, _CALLS, {"step": chosen.step})}
        jobs = _jobs(cursor, [number for row in found for number in row["newest"]])
    finally:
        cursor.rollback()
    return tuple(
        row | {"calls": calls[row["version"]], "newest": list(dict.fromkeys(jobs[n] for n in row["newest"]))}
        for row in found
    )


def failed_lines(cursor: Cursor, chosen: FailedFilter, page: int) -> tuple[dict[str, Any], ...]:
    """A page of the lines, newest first. Raises `QueryTimeout`."""
    skipped = LINES * (max(1, page) - 1)
    asked = chosen.parameters() | {"skipped": skipped}
    since_ns = _since(cursor, chosen, skipped + LINES) if is_complete(cursor) else None
    if since_ns is not None:
        found = records(cursor, _LINES, asked | {"since": since_ns})
        if len(found) == LINES:  # else some that were counted are gone, and older ones may still be there
            return tuple(found)
    return tuple(records(cursor, _LINES, asked | {"since": None}))


def _since(cursor: Cursor, chosen: FailedFilter, lines: int) -> int | None:
    """When the hour begins from which on there were so many; null where there are fewer, or before 1970."""
    found = 0
    for row in records(cursor, _BY_HOUR, chosen.parameters()):
        found += row["lines"]
        if found >= lines:
            return int(row["hour"]) * HOUR_NS if row["hour"] > 0 else None
    return None


def _jobs(cursor: Cursor, numbers: list[int]) -> dict[int, str]:
    if not numbers:
        return {}
    listed = ", ".join(str(int(number)) for number in numbers)
    rows = records(cursor, f"SELECT rowid AS number, job_id FROM telemetry WHERE rowid IN ({listed})")
    return {row["number"]: row["job_id"] for row in rows}
