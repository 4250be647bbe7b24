"""The jobs that telemetry saw lately: which distinct jobIds, their buckets, whether each reached its bucket.

The window is the `WINDOW_NS` up to the newest line that is not after now. Counted from that line, not
from now, so that a home whose telemetry came to an end still shows its last day; `until_ns` says when
that was. Lines after now come from a clock that is wrong, lines without a time are of no day: neither
counts.
"""

import json
from dataclasses import dataclass

import duckdb

from gates.decision import Job
from ingest.job_specs.answers import job_of
from schemas.instant import SECOND

HOUR_NS = 3600 * SECOND
WINDOW_NS = 24 * HOUR_NS
PROBE = "probe:"
"""What the jobIds of verification runs begin with; they are nobody's jobs."""

_SPAN = "SELECT min(line_time_ns), max(line_time_ns) FROM telemetry WHERE line_time_ns <= $now"
# A line that contradicts itself shows that the job was there, not how far it came.
_JOBS = """
WITH seen AS (
    SELECT job_id, any_value(bucket) AS bucket, min(line_time_ns) AS first_ns, bool_or(
        contradiction IS NULL AND (path = 'openai' OR error_code IS NOT DISTINCT FROM 'ROLLOUT_EXCLUDED'))
        AS reached
    FROM telemetry
    WHERE line_time_ns > $after AND line_time_ns <= $until AND NOT starts_with(job_id, $probe)
    GROUP BY job_id
)
SELECT job_id, bucket, reached, opted_in, document
FROM seen LEFT JOIN job_spec USING (job_id) LEFT JOIN spec_shape USING (shape_id)
ORDER BY seen.first_ns, job_id
"""


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A jobId with its bucket. `reached_bucket`: a line shows that every gate before the rollout passed.

    `job` is what the gates look at in its spec, null where that is not known or its runs differ.
    """

    job_id: str
    bucket: int
    reached_bucket: bool
    job: Job | None = None


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
    jobs = tuple(
        SeenJob(job_id, bucket, reached, _job(job_id, opted_in, shape))
        for job_id, bucket, reached, opted_in, shape in rows
    )
    return SeenJobs(jobs, min(WINDOW_NS, until_ns - first_ns) / HOUR_NS, until_ns)


def _job(job_id: str, opted_in: bool | None, shape: str | None) -> Job | None:
    if opted_in is None or shape is None:
        return None
    return job_of(json.loads(shape), job_id, opted_in=opted_in)
