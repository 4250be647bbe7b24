"""The jobs that telemetry saw lately: which distinct jobIds, their buckets, whether each reached its bucket.

The window is the `WINDOW_NS` up to the newest line that is not after now. Counted from that line, not
from now, so that a home whose telemetry came to an end still shows its last day; `until_ns` says when
that was. Lines after now come from a clock that is wrong, lines without a time are of no day: neither
counts.
"""

from dataclasses import dataclass

import duckdb

from schemas.instant import SECOND

HOUR_NS = 3600 * SECOND
WINDOW_NS = 24 * HOUR_NS
PROBE = "probe:"
"""What the jobIds of verification runs begin with; they are nobody's jobs."""

_SPAN = "SELECT min(line_time_ns), max(line_time_ns) FROM telemetry WHERE line_time_ns <= $now"
# A line that contradicts itself shows that the job was there, not how far it came.
_JOBS = """
SELECT job_id, any_value(bucket), bool_or(
    contradiction IS NULL AND (path = 'openai' OR error_code IS NOT DISTINCT FROM 'ROLLOUT_EXCLUDED'))
FROM telemetry
WHERE line_time_ns > $after AND line_time_ns <= $until AND NOT starts_with(job_id, $probe)
GROUP BY job_id ORDER BY min(line_time_ns), job_id
"""


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A jobId with its bucket. `reached_bucket`: a line shows that every gate before the rollout passed."""

    job_id: str
    bucket: int
    reached_bucket: bool


@dataclass(frozen=True, slots=True)
class SeenJobs:
    """The jobs of the window, oldest first.

    `hours` is how much of the window the telemetry covers, 0 where there is no line or one moment alone;
    `until_ns` is the end of the window, null where there is no line.
    """

    jobs: tuple[SeenJob, ...]
    hours: float
    until_ns: int | None


def recent_jobs(cursor: duckdb.DuckDBPyConnection, now_ns: int) -> SeenJobs:
    """The distinct jobs of the last window as of `now_ns`. DuckDB's errors leave as they are."""
    first_ns, until_ns = cursor.execute(_SPAN, {"now": now_ns}).fetchall()[0]
    if until_ns is None:
        return SeenJobs((), 0.0, None)
    window = {"after": until_ns - WINDOW_NS, "until": until_ns, "probe": PROBE}
    rows = cursor.execute(_JOBS, window).fetchall()
    jobs = tuple(SeenJob(job_id, bucket, reached) for job_id, bucket, reached in rows)
    return SeenJobs(jobs, min(WINDOW_NS, until_ns - first_ns) / HOUR_NS, until_ns)
