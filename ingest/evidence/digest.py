# ruff: noqa: S608 -- constants put together; values are always parameters
"""The name of a set of rows: equal rows, equal name, in whatever order and from whichever files they came.

It covers the managed lines of a window, probes too: version, outcome, time, latency in whole
nanoseconds and job of each, as often as it is stored. It covers no place in a file, so that
splitting a file changes nothing. For each outcome of each version it holds the sum of 64 bits of MD5 of
its lines, which finds every accident. A forger could make two sets with one name; that is why the
numbers themselves are frozen beside it.
"""

import hashlib
import json

import duckdb

from ingest.evidence.rows_of import IN_WINDOW, MANAGED, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.window import Window

# Whole numbers only: how a DOUBLE is written is a matter of the database's version. 2^62 ns at most.
# The text mostly fits one block of MD5, which takes half the time of two.
_LINE = """
concat_ws(' ', coalesce(line_time_ns, -1), round(least(latency_ms, 4.6e12) * 1e6)::BIGINT, job_id)
"""
_SUMS = f"""
SELECT executor_version, path, status, error_code, count(*), sum(md5_number_lower({_LINE}))::VARCHAR
FROM telemetry WHERE {IN_WINDOW} AND {MANAGED} GROUP BY ALL
"""


def digest_of(cursor: duckdb.DuckDBPyConnection, window: Window) -> str:
    """`sha256:` and 64 hex digits; also of a window without rows."""
    sums = sorted(json.dumps(row) for row in rows(cursor, _SUMS, **bounds(window)))
    text = "\n".join(("evidence-rows.v1", str(window.revision), *sums))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
