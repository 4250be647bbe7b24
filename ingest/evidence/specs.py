# ruff: noqa: S608 -- constants put together; values are always parameters
"""What job specs add to the lines: the new slice of a broaden step, and who opted in."""

import duckdb

from gates.verdict.evidence import LatencyLimits, SliceUnits, Units
from ingest.evidence.kinds import Kinds
from ingest.evidence.rows_of import IN_WINDOW, MANAGED, NO_PROBE, TO_MODEL, bounds
from ingest.evidence.snapshot import rows
from ingest.evidence.units import POOLED
from ingest.evidence.window import Window

_FAILED = "(path = 'openai' AND status = 'FAILED')"
_SLICE = f"""
WITH answer AS (
    SELECT shape_id, bool_or(permits) AS permits FROM scope_answer WHERE digest = $digest GROUP BY ALL
), unit AS (
    SELECT executor_version, job_id, bool_or({_FAILED}) AS failed,
        bool_or({TO_MODEL} AND status = 'COMPLETED') AS completed,
        bool_or({TO_MODEL} AND status = 'COMPLETED' AND (latency_ms > $p50::DOUBLE) IS TRUE) AS over_p50,
        bool_or({TO_MODEL} AND status = 'COMPLETED' AND (latency_ms > $p95::DOUBLE) IS TRUE) AS over_p95,
        min(line_time_ns) AS first_ns, max(line_time_ns) AS last_ns
    FROM telemetry
    WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND ({TO_MODEL} OR {_FAILED})
        AND list_contains($removed::INTEGER[], interval_no) IS NOT TRUE
    GROUP BY ALL
), placed AS (
    SELECT unit.*, answer.permits
    FROM unit LEFT JOIN job_spec USING (job_id) LEFT JOIN answer USING (shape_id)
)
SELECT count(*), count(*) FILTER (permits IS NULL), count(*) FILTER (new),
    count(*) FILTER (new AND failed), count(*) FILTER (new AND completed),
    count(*) FILTER (new AND over_p50), count(*) FILTER (new AND over_p95),
    min(first_ns) FILTER (new), max(last_ns) FILTER (new)
FROM (SELECT *, permits IS FALSE AS new FROM placed)
"""
_OPTED_IN_AND_REFUSED = f"""
WITH line AS (
    SELECT job_id, {TO_MODEL} OR error_code = 'ROLLOUT_EXCLUDED' AS reached,
        error_code = 'NOT_ALLOWLISTED' AS refused
    FROM telemetry WHERE {IN_WINDOW} AND {MANAGED} AND {NO_PROBE} AND contradiction IS NULL
        AND job_id IN (SELECT job_id FROM job_spec WHERE opted_in)
)
SELECT count(*) FROM (
    SELECT job_id FROM line GROUP BY ALL HAVING bool_or(refused) AND NOT bool_or(reached IS TRUE)
)
"""


def new_slice(cursor: duckdb.DuckDBPyConnection, window: Window, limits: LatencyLimits) -> SliceUnits:
    """The units that the scope of the step before would not have permitted.

    Visible only where the spec of every unit is known: one that is not could be in the slice.
    """
    if window.scope_before is None:
        return SliceUnits(visible=False, why="the history has no step before this one", units=None)
    if window.scope_before.allowlist_digest is None:
        why = f"the allowlist of revision {window.scope_before.revision} is not known"
        return SliceUnits(visible=False, why=why, units=None)
    of, unplaced, *slice_counts = rows(
        cursor,
        _SLICE,
        **bounds(window),
        removed=list(window.removed),
        digest=window.scope_before.allowlist_digest,
        p50=limits.p50_ms,
        p95=limits.p95_ms,
    )[0]
    why = f"the job specs of {unplaced:,} of {of:,} jobs that reached the model are not known"
    return SliceUnits(
        visible=unplaced == 0, why=why if unplaced else None, units=_units(slice_counts, limits)
    )


def _units(counts: list[int], limits: LatencyLimits) -> Units:
    jobs, failed, completed, over_p50, over_p95, first_ns, last_ns = counts
    return Units(
        executor_version=POOLED,
        jobs=jobs,
        failed=failed,
        completed=completed,
        over_p50=None if limits.p50_ms is None else over_p50,
        over_p95=None if limits.p95_ms is None else over_p95,
        in_use=jobs > 0,
        first_ns=first_ns,
        last_ns=last_ns,
    )


def opt_in_share(cursor: duckdb.DuckDBPyConnection, window: Window, kinds: Kinds) -> float | None:
    """The share of jobs known to have opted in, among those whose line tells whether they came that far.

    Reaching the bucket shows it; of a job that was `NOT_ALLOWLISTED` only its spec does, and without
    one it counts as not opted in. Null where kill, feature or allowlist stop jobs before that.
    """
    controls = window.controls
    if (
        controls is None
        or controls.removed
        or controls.kill
        or not controls.feature
        or not controls.allowlist
    ):
        return None
    reached = kinds.jobs(lambda kind: kind.excluded or (kind.path == "openai" and not kind.contradicted))
    told = kinds.jobs(
        lambda kind: (
            not kind.contradicted
            and (kind.path == "openai" or kind.error_code in ("NOT_ALLOWLISTED", "ROLLOUT_EXCLUDED"))
        )
    )
    if told == 0:
        return None
    refused = 0
    if any(kind.error_code == "NOT_ALLOWLISTED" and not kind.contradicted for kind in kinds.kinds):
        refused = int(rows(cursor, _OPTED_IN_AND_REFUSED, **bounds(window))[0][0])
    return (reached + refused) / told
