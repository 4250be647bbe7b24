# ruff: noqa: S608 -- constants of this module put together; there are no values
"""What the store holds in all, for counters that a monitoring system keeps: lines, latencies, records.

Lines are those of managed sources, without probes, as in evidence. One pass over the table, whatever it
holds, and as many numbers as there are steps, paths, statuses and known codes: no name that a log invents
makes another one.
"""

from collections import defaultdict
from dataclasses import dataclass

import duckdb

from gates.verdict.evidence import Severity
from ingest.evidence.rows_of import MANAGED, NO_PROBE
from schemas.codes import ErrorCode

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Upper bounds of the latency buckets in seconds. They never change: monitoring adds them up over time."""
OTHER = "other"
"""Every errorCode that is not of the contract."""

_CODE = f"""CASE WHEN error_code IS NULL OR error_code IN ({", ".join(f"'{code}'" for code in ErrorCode)})
    THEN error_code ELSE '{OTHER}' END"""
_BUCKET = " + ".join(f"(latency_ms > {bound * 1000!r})::UTINYINT" for bound in BOUNDS_S)
_LINES = f"""
SELECT step, path, status, {_CODE} AS code, {_BUCKET} AS bucket, count(*), sum(latency_ms), max(line_time_ns)
FROM telemetry WHERE {MANAGED} AND {NO_PROBE} GROUP BY ALL
"""
_RECORDS = """
SELECT coalesce(sum(at_ending.accepted), 0)::BIGINT, coalesce(sum(at_ending.held_elsewhere), 0)::BIGINT,
    coalesce(sum(at_ending.quarantined), 0)::BIGINT, coalesce(sum(at_ending.noise_lines), 0)::BIGINT
FROM source
"""
_FINDINGS = "SELECT severity, count(*) FROM gate_finding WHERE explained_by IS NULL GROUP BY severity"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a line ended, under a step of the home's history: null where it belongs to none.

    `code` is a known errorCode, null, or `OTHER`.
    """

    step: str | None
    path: str
    status: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Latencies:
    """How many latencies were in each bucket (one more than `BOUNDS_S`: the longer ones), and their sum."""

    counts: tuple[int, ...]
    sum_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Everything that is stored. `duplicate` records are held by another source too; `findings` are the
    violations that stand. `last_line_ns` is null where no line has a time.
    """

    lines: dict[Outcome, int]
    latencies: dict[tuple[str | None, str, str], Latencies]
    accepted: int
    duplicate: int
    quarantined: int
    noise_lines: int
    findings: dict[Severity, int]
    last_line_ns: int | None


def totals(cursor: duckdb.DuckDBPyConnection) -> Totals:
    """Count. Raises DuckDB's errors."""
    lines: dict[Outcome, int] = defaultdict(int)
    counts: dict[tuple[str | None, str, str], list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))
    sums: dict[tuple[str | None, str, str], float] = defaultdict(float)
    last_line_ns = None
    for step, path, status, code, bucket, n, sum_ms, last_ns in cursor.execute(_LINES).fetchall():
        lines[Outcome(step, path, status, code)] += n
        counts[step, path, status][bucket] += n
        sums[step, path, status] += sum_ms / 1000
        last_line_ns = max(filter(None, (last_line_ns, last_ns)), default=None)
    accepted, duplicate, quarantined, noise_lines = cursor.execute(_RECORDS).fetchall()[0]
    found = dict(cursor.execute(_FINDINGS).fetchall())
    return Totals(
        lines=dict(lines),
        latencies={group: Latencies(tuple(counts[group]), sums[group]) for group in counts},
        accepted=accepted,
        duplicate=duplicate,
        quarantined=quarantined,
        noise_lines=noise_lines,
        findings={severity: found.get(severity.value, 0) for severity in Severity},
        last_line_ns=last_line_ns,
    )
