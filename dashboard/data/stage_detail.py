# ruff: noqa: S608 -- constants put together; values are always parameters
"""One stay closely: its latencies as a distribution, its errorCodes, executorVersions and hours."""

from dataclasses import dataclass

import pandas as pd

from dashboard.data.in_lines import EXACT
from dashboard.data.queries import Cursor
from dashboard.data.time_limit import LONGEST_SECONDS, time_limit
from ingest.evidence import Stay
from ingest.evidence.rows_of import TO_MODEL
from ingest.evidence.steps import COUNTED

STEPS_DRAWN = 200
"""A distribution of more values is drawn at so many ranks; each of them is an exact nearest rank."""

_OF_STAY = f"FROM telemetry WHERE interval_no IN (SELECT unnest($numbers::INTEGER[])) AND {COUNTED}"
_DISTRIBUTION = f"""
WITH counted AS (
    SELECT latency_ms, count(*) AS n {_OF_STAY} AND {TO_MODEL} AND status = 'COMPLETED' GROUP BY ALL
), ranked AS (
    SELECT latency_ms, sum(n) OVER (ORDER BY latency_ms)::DOUBLE AS up_to, (sum(n) OVER ())::DOUBLE AS total
    FROM counted
)
SELECT max(latency_ms) / 1000 AS seconds, max(up_to / total) AS share, any_value(total)::BIGINT AS calls
FROM ranked GROUP BY ceil(up_to / total * {STEPS_DRAWN}) ORDER BY seconds
"""
_OUTCOMES = f"""
SELECT path, status, error_code, count(*) AS runs, count(DISTINCT job_id) AS jobs {_OF_STAY}
GROUP BY ALL ORDER BY path, runs DESC, status, error_code
"""
_VERSIONS = f"""
SELECT executor_version, count(*) AS runs, count(*) FILTER (path = 'openai') AS openai,
    count(*) FILTER (path = 'openai' AND status = 'FAILED') AS failed,
    min(line_time_ns) AS first_ns, max(line_time_ns) AS last_ns {_OF_STAY}
GROUP BY ALL ORDER BY runs DESC, executor_version LIMIT 50
"""
_HOURS = f"""
SELECT count(DISTINCT line_time_ns // 3600000000000),
    count(DISTINCT line_time_ns // 3600000000000) FILTER ({TO_MODEL}),
    min(line_time_ns), max(line_time_ns) {_OF_STAY}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What a stay was made of; `said` says what this was counted from, and how exact it is.

    `outcomes` have `path`, `status`, `error_code`, `runs`, their `share` and, if every line was read, `jobs`.
    `distribution` has `seconds` and the `share` of calls that took no longer, of `calls` completed ones.

    `hours` are distinct hours (UTC) with lines, `model_hours` with lines that reached the model. `first_ns`
    and `last_ns` are of lines, epoch nanoseconds, null where none has a time.
    """

    outcomes: pd.DataFrame
    versions: pd.DataFrame
    distribution: pd.DataFrame
    hours: int
    model_hours: int
    first_ns: int | None
    last_ns: int | None
    said: str


def detail(cursor: Cursor, stay: Stay) -> Detail:
    """The stay closely. Raises `QueryTimeout`."""
    parameters = {"numbers": list(stay.intervals), "history": stay.history}

    def frame(query: str) -> pd.DataFrame:
        return cursor.execute(query, parameters).df()

    with time_limit(cursor, LONGEST_SECONDS):
        outcomes, versions, distribution = frame(_OUTCOMES), frame(_VERSIONS), frame(_DISTRIBUTION)
        hours, model_hours, first_ns, last_ns = cursor.execute(_HOURS, parameters).fetchall()[0]
    return Detail(
        outcomes=outcomes.assign(share=outcomes["runs"] / max(1, int(outcomes["runs"].sum()))),
        versions=versions,
        distribution=distribution,
        hours=hours,
        model_hours=model_hours,
        first_ns=first_ns,
        last_ns=last_ns,
        said=EXACT,
    )
