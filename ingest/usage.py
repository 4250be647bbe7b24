# ruff: noqa: S608 -- constants of this module put together; values are always parameters
"""Calls and tokens out of the telemetry store, by UTC day and model.

A call is a line of path openai in v1, unless it had no usable key; in v2 what the line says. The day is
that of the line's transport time, and only where it has none that of `emittedAt`. Every line is one row, so
it counts once, however late it came.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import duckdb

from gates.spending.used import DayUsage, Used
from ingest.history.controls import HOME
from ingest.instants import rfc3339

DAY_NS = 86_400_000_000_000

COUNTED = """
    t.*, c.model, c.total_tokens, c.input_tokens, c.output_tokens,
    coalesce(c.attempt, CASE WHEN t.path = 'openai'
        AND t.error_code IS DISTINCT FROM 'MISSING_API_KEY' THEN 1 ELSE 0 END) AS calls,
    floor(coalesce(t.line_time_ns, c.emitted_ns) / 86400000000000.0)::BIGINT AS day_no
"""
"""Columns of telemetry as `t` and its claims as `c`."""
CLAIMS = """
    LEFT JOIN line_claim c ON c.source_id = t.source_id AND c.line_offset = t.line_offset
        AND c.record_index = t.record_index
"""
SUMS = """
    day_no, model, count(*), sum(calls)::BIGINT, count(*) FILTER (total_tokens IS NULL),
    least(coalesce(sum(input_tokens), 0), 9223372036854775807)::BIGINT,
    least(coalesce(sum(output_tokens), 0), 9223372036854775807)::BIGINT,
    least(coalesce(sum(total_tokens), 0), 9223372036854775807)::BIGINT
"""
"""What `used_of` reads, over lines with calls. No sum that lines claim may be too large to be answered."""

# Other rollouts' histories were loaded to look at them: what they spent, this home did not.
_DAY = f"""
WITH counted AS (
    SELECT {COUNTED} FROM telemetry t JOIN source s USING (source_id) {CLAIMS}
    WHERE (s.history_id IS NULL OR s.history_id = '{HOME}')
        AND (t.path = 'openai' OR c.attempt > 0)
        AND (t.line_time_ns >= $from AND t.line_time_ns < $to
            OR t.line_time_ns IS NULL AND c.emitted_ns >= $from AND c.emitted_ns < $to)
)
SELECT {SUMS} FROM counted WHERE calls > 0 GROUP BY day_no, model ORDER BY day_no, model
"""
_HIDDEN = f"""
SELECT count(*) FROM quarantine q JOIN source s USING (source_id)
WHERE q.claims_openai AND (s.history_id IS NULL OR s.history_id = '{HOME}')
    AND q.line_time_ns >= $from AND q.line_time_ns < $to
"""
_UNTIMED = f"""
SELECT count(*) FROM telemetry t JOIN source s USING (source_id) {CLAIMS}
WHERE (s.history_id IS NULL OR s.history_id = '{HOME}')
    AND t.path = 'openai' AND t.line_time_ns IS NULL AND c.emitted_ns IS NULL
    AND EXISTS (FROM source_file f WHERE f.source_id = s.source_id AND f.mtime_ns >= $from)
"""


def day_usage(cursor: duckdb.DuckDBPyConnection, day_no: int) -> DayUsage:
    """What was used on day `day_no` (days since 1970-01-01 UTC). DuckDB's errors leave as they are."""
    bounds = {"from": day_no * DAY_NS, "to": (day_no + 1) * DAY_NS}
    return DayUsage(
        used=tuple(used_of(*row) for row in cursor.execute(_DAY, bounds).fetchall()),
        hidden_calls=cursor.execute(_HIDDEN, bounds).fetchall()[0][0],
        untimed=cursor.execute(_UNTIMED, {"from": bounds["from"]}).fetchall()[0][0],
    )


def used_of(
    day_no: int | None,
    model: str | None,
    lines: int,
    calls: int,
    untold: int,
    input_tokens: int,
    output_tokens: int,
    total_tokens: int,
) -> Used:
    """A row of `SUMS`."""
    return Used(
        day=None if day_no is None else rfc3339(day_no * DAY_NS)[:10],
        model=model,
        lines=lines,
        calls=calls,
        untold=untold,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=total_tokens,
    )


def merged_by_day_and_model(used: Iterable[Used]) -> list[Used]:
    """One for each day and model."""
    found: dict[tuple[str | None, str | None], Used] = {}
    for one in used:
        key = one.day, one.model
        before = found.get(key)
        found[key] = one if before is None else _sum(before, one)
    return sorted(found.values(), key=lambda one: (one.day or "", one.model or ""))


def usage_records(used: Iterable[Used]) -> list[dict[str, Any]]:
    """As `slotgate report --json` has it."""
    return [
        {
            "day": one.day,
            "model": one.model,
            "lines": one.lines,
            "calls": one.calls,
            "linesWithoutUsage": one.untold,
            "inputTokens": one.input_tokens,
            "outputTokens": one.output_tokens,
            "totalTokens": one.total_tokens,
        }
        for one in used
    ]


def _sum(one: Used, other: Used) -> Used:
    return replace(
        one,
        **{name: getattr(one, name) + getattr(other, name) for name in _COUNTS},
    )


_COUNTS = ("lines", "calls", "untold", "input_tokens", "output_tokens", "total_tokens")
