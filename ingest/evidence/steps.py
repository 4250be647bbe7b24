# ruff: noqa: S608 -- constants put together; values are always parameters
"""A control history step by step, with what each showed: for views of the stages."""

from collections.abc import Collection
from dataclasses import dataclass, field

import duckdb

from gates.verdict.evidence import OutcomeJobs
from ingest.evidence.rows_of import NO_PROBE, TO_MODEL
from ingest.evidence.snapshot import rows, snapshot
from ingest.history.controls import HOME, Interval
from ingest.store.histories import read_history_of
from schemas.stages import Step

COUNTED = (
    """(
    source_id IN (
        SELECT source_id FROM source
        WHERE history_id = $history AND (trust = 'managed' OR history_id <> 'home')
    ) AND """
    + NO_PROBE
    + ")"
)
"""Rows that count for a stay under `$history`: of the home's own sources, as for a verdict; under a history
that was brought in, of every source that was brought in with it. Never those of a probe.
"""

_OF_STEP = """
WITH place AS (SELECT unnest($numbers::INTEGER[]) AS interval_no, unnest($windows::INTEGER[]) AS number)
"""
_OUTCOMES = f"""
{_OF_STEP}
SELECT number, path, status, error_code, count(*), count(DISTINCT job_id)
FROM telemetry JOIN place USING (interval_no) WHERE {COUNTED} GROUP BY ALL
ORDER BY number, count(*) DESC, path, status, error_code
"""
_UNITS = f"""
{_OF_STEP}, unit AS (
    SELECT number, revision, executor_version, job_id, bool_or(status = 'FAILED') AS failed,
        bool_or(status = 'COMPLETED') AS completed
    FROM telemetry JOIN place USING (interval_no)
    WHERE {COUNTED} AND ({TO_MODEL} OR (path = 'openai' AND status = 'FAILED')) GROUP BY ALL
)
SELECT number, count(*), count(*) FILTER (failed), count(*) FILTER (completed) FROM unit GROUP BY ALL
"""
_PERCENTILES = f"""
{_OF_STEP}, counted AS (
    SELECT number, latency_ms, count(*) AS n FROM telemetry JOIN place USING (interval_no)
    WHERE {COUNTED} AND {TO_MODEL} AND status = 'COMPLETED' GROUP BY ALL
), ranked AS (
    SELECT *, sum(n) OVER (w ORDER BY latency_ms) AS up_to, sum(n) OVER w AS total
    FROM counted WINDOW w AS (PARTITION BY number)
)
SELECT number, min(latency_ms) FILTER (100 * up_to >= 50 * total),
    min(latency_ms) FILTER (100 * up_to >= 95 * total), min(latency_ms) FILTER (100 * up_to >= 99 * total)
FROM ranked GROUP BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A run of intervals at the same step: `number` in its history, `intervals` the places in it.

    Null `to_ns`: it goes on.
    """

    history: str
    number: int
    step: Step
    stage: int | None
    revisions: tuple[int, ...]
    intervals: tuple[int, ...]
    from_ns: int
    to_ns: int | None


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


def stays(cursor: duckdb.DuckDBPyConnection, history: str = HOME) -> tuple[Stay, ...]:
    """Every run of equal steps in a history, in time order, also where no line fell into it."""
    found = read_history_of(cursor, history)
    return tuple(
        Stay(
            history=history,
            number=number,
            step=run.first.step,
            stage=run.first.stage,
            revisions=tuple(run.revisions),
            intervals=tuple(run.numbers),
            from_ns=run.first.from_ns,
            to_ns=run.to_ns,
        )
        for number, run in enumerate(_runs(found.intervals if found else ()))
    )


def step_windows(
    cursor: duckdb.DuckDBPyConnection, history: str = HOME, only: Collection[int] | None = None
) -> tuple[StepWindow, ...]:
    """What each stay of `stays` showed, or those numbered in `only`; the lines of the others are not read."""
    with snapshot(cursor):
        chosen = [stay for stay in stays(cursor, history) if only is None or stay.number in only]
        places: dict[str, object] = {
            "numbers": [number for stay in chosen for number in stay.intervals],
            "windows": [stay.number for stay in chosen for _ in stay.intervals],
            "history": history,
        }
        outcomes: dict[int, list[OutcomeJobs]] = {}
        for number, path, status, code, lines, jobs in rows(cursor, _OUTCOMES, **places):
            one = OutcomeJobs(path=path, status=status, error_code=code, lines=lines, jobs=jobs)
            outcomes.setdefault(number, []).append(one)
        units = {number: counts for number, *counts in rows(cursor, _UNITS, **places)}
        percentiles = {number: values for number, *values in rows(cursor, _PERCENTILES, **places)}
    windows = []
    for stay in chosen:
        jobs, failed, completed = units.get(stay.number, (0, 0, 0))
        p50, p95, p99 = percentiles.get(stay.number, (None, None, None))
        windows.append(
            StepWindow(
                step=stay.step,
                stage=stay.stage,
                revisions=stay.revisions,
                from_ns=stay.from_ns,
                to_ns=stay.to_ns,
                outcomes=tuple(outcomes.get(stay.number, ())),
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
