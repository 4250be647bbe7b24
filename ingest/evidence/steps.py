# ruff: noqa: S608 -- constants put together; values are always parameters
"""The home's history step by step, with what each showed: for views of the stages."""

from dataclasses import dataclass, field

import duckdb

from gates.verdict.evidence import OutcomeJobs
from ingest.evidence.rows_of import MANAGED, NO_PROBE, TO_MODEL
from ingest.evidence.snapshot import rows, snapshot
from ingest.evidence.window import home_intervals
from ingest.history import Interval
from schemas.stages import Step

_OF_STEP = """
WITH place AS (SELECT unnest($numbers::INTEGER[]) AS interval_no, unnest($windows::INTEGER[]) AS number)
"""
_OUTCOMES = f"""
{_OF_STEP}
SELECT number, path, status, error_code, count(*), count(DISTINCT job_id)
FROM telemetry JOIN place USING (interval_no) WHERE {MANAGED} AND {NO_PROBE} GROUP BY ALL
ORDER BY number, count(*) DESC, path, status, error_code
"""
_UNITS = f"""
{_OF_STEP}, unit AS (
    SELECT number, revision, executor_version, job_id, bool_or(status = 'FAILED') AS failed,
        bool_or(status = 'COMPLETED') AS completed
    FROM telemetry JOIN place USING (interval_no)
    WHERE {MANAGED} AND {NO_PROBE} AND ({TO_MODEL} OR (path = 'openai' AND status = 'FAILED')) GROUP BY ALL
)
SELECT number, count(*), count(*) FILTER (failed), count(*) FILTER (completed) FROM unit GROUP BY ALL
"""
_PERCENTILES = f"""
{_OF_STEP}, counted AS (
    SELECT number, latency_ms, count(*) AS n FROM telemetry JOIN place USING (interval_no)
    WHERE {MANAGED} AND {NO_PROBE} AND {TO_MODEL} AND status = 'COMPLETED' GROUP BY ALL
), ranked AS (
    SELECT *, sum(n) OVER (w ORDER BY latency_ms) AS up_to, sum(n) OVER w AS total
    FROM counted WINDOW w AS (PARTITION BY number)
)
SELECT number, min(latency_ms) FILTER (100 * up_to >= 50 * total),
    min(latency_ms) FILTER (100 * up_to >= 95 * total), min(latency_ms) FILTER (100 * up_to >= 99 * total)
FROM ranked GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWindow:
    """A run of intervals at the same step. Null `to_ns`: it goes on.

    Of managed lines without probes. `units`, `failed` and `completed` count distinct jobIds for each
    revision and executorVersion; percentiles are milliseconds of openai COMPLETED, null where none did.
    """

    step: Step
    stage: int | None
    revisions: tuple[int, ...]
    from_ns: int
    to_ns: int | None
    outcomes: tuple[OutcomeJobs, ...] = ()
    units: int = 0
    failed: int = 0
    completed: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(slots=True)
class _Run:
    first: Interval
    numbers: list[int] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)
    to_ns: int | None = None


def step_windows(cursor: duckdb.DuckDBPyConnection) -> tuple[StepWindow, ...]:
    """Every run of equal steps in the home's history, in time order, also where no line fell into it."""
    with snapshot(cursor):
        runs = _runs(home_intervals(cursor))
        places: dict[str, object] = {
            "numbers": [number for run in runs for number in run.numbers],
            "windows": [place for place, run in enumerate(runs) for _ in run.numbers],
        }
        outcomes: dict[int, list[OutcomeJobs]] = {}
        for number, path, status, code, lines, jobs in rows(cursor, _OUTCOMES, **places):
            one = OutcomeJobs(path=path, status=status, error_code=code, lines=lines, jobs=jobs)
            outcomes.setdefault(number, []).append(one)
        units = {number: counts for number, *counts in rows(cursor, _UNITS, **places)}
        percentiles = {number: values for number, *values in rows(cursor, _PERCENTILES, **places)}
    windows = []
    for number, run in enumerate(runs):
        jobs, failed, completed = units.get(number, (0, 0, 0))
        p50, p95, p99 = percentiles.get(number, (None, None, None))
        windows.append(
            StepWindow(
                step=run.first.step,
                stage=run.first.stage,
                revisions=tuple(run.revisions),
                from_ns=run.first.from_ns,
                to_ns=run.to_ns,
                outcomes=tuple(outcomes.get(number, ())),
                units=jobs,
                failed=failed,
                completed=completed,
                p50=p50,
                p95=p95,
                p99=p99,
            )
        )
    return tuple(windows)


def _runs(intervals: tuple[Interval, ...]) -> list[_Run]:
    runs: list[_Run] = []
    for number, one in enumerate(intervals):
        if not runs or (one.step, one.stage) != (runs[-1].first.step, runs[-1].first.stage):
            runs.append(_Run(one))
        run = runs[-1]
        run.numbers.append(number)
        if one.revision not in run.revisions:
            run.revisions.append(one.revision)
        run.to_ns = one.to_ns
    return runs
