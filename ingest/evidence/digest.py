# ruff: noqa: S608 -- constants put together; values are always parameters
"""The name of a set of rows: equal rows, equal name, in whatever order and from whichever files they came.

It covers the managed lines of a window, probes too: time, latency in whole nanoseconds, version,
job, path, status and code of each, as often as it is stored. It covers no place in a file, so that
splitting a file changes nothing. The sum of MD5 halves finds every accident; a forger could
make two sets with one name, which is why the numbers themselves are frozen beside it.
"""

import hashlib

import duckdb

from ingest.evidence.rows_of import IN_WINDOW, MANAGED, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window

# Whole numbers only: how a DOUBLE is written is a matter of the database's version. 2^62 ns at most.
_TEXT = """
concat_ws(' ', coalesce(line_time_ns, -1), round(least(latency_ms, 4.6e12) * 1e6)::BIGINT,
    strlen(executor_version), strlen(job_id), executor_version, job_id, path, status,
    coalesce(error_code, ''))
"""
_ROWS = f"""
SELECT count(*), coalesce(sum(md5_number_lower(text)), 0)::VARCHAR,
    coalesce(sum(md5_number_upper(text)), 0)::VARCHAR
FROM (SELECT {_TEXT} AS text FROM telemetry WHERE {IN_WINDOW} AND {MANAGED})
"""


def digest_of(cursor: duckdb.DuckDBPyConnection, window: Window) -> str:
    """`sha256:` and 64 hex digits; also of a window without rows."""
    found = rows(cursor, _ROWS, **bounds(window))[0]
    text = " ".join(("evidence-rows.v1", str(window.revision), *map(str, found)))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
