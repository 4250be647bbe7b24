# ruff: noqa: S608 -- constants put together; values are always parameters
"""How the jobs seen fall into the 100 buckets."""

import duckdb

from gates.decision.bucket import BUCKETS
from ingest.evidence.rows_of import NO_PROBE, OF_HOME
from ingest.evidence.snapshot import rows

_FOR_EVER = 2**63 - 1
_COUNTS = f"""
SELECT bucket, count(DISTINCT job_id) FROM telemetry
WHERE {OF_HOME} AND {NO_PROBE} AND line_time_ns >= $since AND line_time_ns < $until GROUP BY ALL
"""


def bucket_counts(
    cursor: duckdb.DuckDBPyConnection, since_ns: int | None = None, until_ns: int | None = None
) -> tuple[int, ...]:
    """Distinct jobs of each bucket 0..99, seen from `since_ns` until before `until_ns`, of whatever outcome.

    Of every source of the home's history, without probes. A line without a time is of no span.
    """
    span = {
        "since": -(2**63) if since_ns is None else since_ns,
        "until": _FOR_EVER if until_ns is None else until_ns,
    }
    counts: dict[int, int] = dict(rows(cursor, _COUNTS, **span))
    return tuple(counts.get(number, 0) for number in range(BUCKETS))
