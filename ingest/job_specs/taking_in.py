"""Bring what runs told of their job specs into the store: one row a job, whatever the order of arrival.

A job whose runs told different things is known to differ, and none of them is trusted. What a row newly
says of lines that were audited is owed to the gate audit, in the same transaction.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.appended import Appended
from ingest.job_specs.facts import Facts, read_facts
from ingest.store import TelemetryStore

# Of a job that has a row, an arriving one differs unless it says the same.
_MERGED = """
CREATE OR REPLACE TEMP TABLE merged AS
WITH shaped AS (
    SELECT a.job_id, a.opted_in, s.shape_id, a.at_ns FROM told a JOIN spec_shape s ON s.document = a.shape
), arrived AS (
    SELECT job_id, count(DISTINCT (opted_in, shape_id)) = 1 AS alike, any_value(opted_in) AS opted_in,
        any_value(shape_id) AS shape_id, min(at_ns) AS first_ns
    FROM shaped GROUP BY job_id
), both_of AS (
    SELECT n.job_id, least(n.first_ns, o.first_ns) AS first_ns, n.opted_in, n.shape_id, o.opted_in AS was_in,
        o.shape_id AS was_shape, o.first_ns AS was_first_ns,
        n.alike AND (o.job_id IS NULL OR (o.opted_in = n.opted_in AND o.shape_id = n.shape_id)) AS trusted
    FROM arrived n LEFT JOIN job_spec o USING (job_id)
)
SELECT job_id, first_ns, CASE WHEN trusted THEN opted_in END AS now_in,
    CASE WHEN trusted THEN shape_id END AS now_shape
FROM both_of
WHERE was_first_ns IS DISTINCT FROM first_ns OR was_in IS DISTINCT FROM now_in
    OR was_shape IS DISTINCT FROM now_shape
"""
_SHAPES = """
INSERT INTO spec_shape
SELECT (SELECT coalesce(max(shape_id), 0) FROM spec_shape) + row_number() OVER (ORDER BY shape), shape
FROM (SELECT DISTINCT shape FROM told) WHERE shape NOT IN (SELECT document FROM spec_shape)
"""


def take_in_specs(store: TelemetryStore, folder: Path) -> None:
    """Read what is new in the files of `folder`. What cannot be read is not known, and no failure.

    Raises `StoreError`.
    """
    _SPECS.take_in(store, folder)


def _merge(cursor: duckdb.DuckDBPyConnection, facts: list[Facts]) -> None:
    arriving = pa.table(
        {
            "job_id": [one.job_id for one in facts],
            "opted_in": [one.opted_in for one in facts],
            "shape": [one.shape for one in facts],
            "at_ns": [one.at_ns for one in facts],
        }
    )
    cursor.register("told", arriving)
    try:
        cursor.execute(_SHAPES)
        cursor.execute(_MERGED)
    finally:
        cursor.unregister("told")
    cursor.execute("DELETE FROM job_spec WHERE job_id IN (SELECT job_id FROM merged)")
    cursor.execute("INSERT INTO job_spec SELECT job_id, now_in, now_shape, first_ns FROM merged")
    cursor.execute("INSERT INTO gate_debt (job_id, from_ns) SELECT job_id, first_ns FROM merged")


_SPECS = Appended(files="spec_file", read=read_facts, keep=_merge)
