# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Failed model calls by errorCode and executorVersion, and the lines behind them."""

from dataclasses import dataclass
from typing import Any

from dashboard.data.queries import Cursor, records

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
FROM telemetry t JOIN source s USING (source_id) WHERE {_WHERE}
ORDER BY t.line_time_ns DESC NULLS LAST, t.source_id, t.line_offset DESC LIMIT {LINES} OFFSET $skipped
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
    return tuple(records(cursor, _LINES, chosen.parameters() | {"skipped": skipped}))


def _jobs(cursor: Cursor, numbers: list[int]) -> dict[int, str]:
    if not numbers:
        return {}
    listed = ", ".join(str(int(number)) for number in numbers)
    rows = records(cursor, f"SELECT rowid AS number, job_id FROM telemetry WHERE rowid IN ({listed})")
    return {row["number"]: row["job_id"] for row in rows}
