# ruff: noqa: S608 -- constants of this module put together; there are no values
"""What the store holds in all, for counters that a monitoring system keeps: lines, latencies, records.

Lines are those of the home's own sources, without probes, as in evidence. They come from the rollups, so they
cost the same for a hundred million: counts are exact, latencies within `ERROR` of the rollups. There are as
many numbers as steps, paths, statuses and known codes: no name that a log invents makes another one.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from gates.verdict.evidence import Severity
from ingest.errors import StoreError
from ingest.evidence.rows_of import MANAGED, NO_PROBE
from ingest.history.controls import HOME
from ingest.recent_jobs import HOUR_NS
from ingest.rollups.grain import Grain
from ingest.rollups.histograms import histograms
from ingest.rollups.reading import Span, counts, latencies
from ingest.rollups.upkeep import is_complete
from schemas.codes import ErrorCode

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Upper bounds of the latency buckets in seconds. They never change: monitoring adds them up over time."""
OTHER = "other"
"""Every errorCode that is not of the contract."""

_CODE = f"""CASE WHEN error_code IS NULL OR error_code IN ({", ".join(f"'{code}'" for code in ErrorCode)})
    THEN error_code ELSE '{OTHER}' END"""
_OURS = f"history_id = '{HOME}' AND trust = 'managed' AND NOT is_probe"
_GROUP = ("step", "path", "status")
_LINES = counts(None, Grain.HALF_DAY, (*_GROUP, f"{_CODE} AS code"), _OURS)
_LATENCIES = latencies(None, Grain.HALF_DAY, _GROUP, _OURS)
_LAST_HOUR = counts(None, Grain.HOUR, ("at_ns",), f"{_OURS} AND at_ns IS NOT NULL")
_LAST_LINE = f"SELECT max(line_time_ns) FROM telemetry WHERE line_time_ns >= ? AND {MANAGED} AND {NO_PROBE}"
_RECORDS = """
SELECT coalesce(sum(at_ending.accepted), 0)::BIGINT, coalesce(sum(at_ending.held_elsewhere), 0)::BIGINT,
    coalesce(sum(at_ending.quarantined), 0)::BIGINT, coalesce(sum(at_ending.noise_lines), 0)::BIGINT
FROM source
"""
_FINDINGS = "SELECT severity, count(*) FROM gate_finding WHERE explained_by IS NULL GROUP BY severity"


_Group = tuple[str | None, str, str]


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
    """How many latencies were in each bucket (one more than `BOUNDS_S`: the longer ones), and their sum.

    Both within the error of the rollups: what is that close to a bound may stand beside it.
    """

    counts: tuple[int, ...]
    sum_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Everything that is stored. `duplicate` records are held by another source too; `findings` are the
    violations that stand. `last_line_ns` is null where no line has a time.
    """

    lines: dict[Outcome, int]
    latencies: dict[_Group, Latencies]
    accepted: int
    duplicate: int
    quarantined: int
    noise_lines: int
    findings: dict[Severity, int]
    last_line_ns: int | None


def totals(cursor: duckdb.DuckDBPyConnection) -> Totals:
    """Count. Raises `StoreError` where rollups are not built yet, and DuckDB's errors."""
    if not is_complete(cursor):
        raise StoreError("the lines of an older home are not counted yet; the next load counts them")
    lines = {Outcome(*outcome): n for *outcome, n in cursor.execute(_LINES).fetchall()}
    accepted, duplicate, quarantined, noise_lines = cursor.execute(_RECORDS).fetchall()[0]
    found = dict(cursor.execute(_FINDINGS).fetchall())
    return Totals(
        lines=lines,
        latencies=_latencies(cursor),
        accepted=accepted,
        duplicate=duplicate,
        quarantined=quarantined,
        noise_lines=noise_lines,
        findings={severity: found.get(severity.value, 0) for severity in Severity},
        last_line_ns=_last_line_ns(cursor),
    )


def _latencies(cursor: duckdb.DuckDBPyConnection) -> dict[_Group, Latencies]:
    found = histograms(cursor.sql(_LATENCIES).to_arrow_table())
    buckets = np.searchsorted(np.array(BOUNDS_S) * 1000, found.latency_ms, side="left")
    numbers = np.zeros((found.groups.num_rows, len(BOUNDS_S) + 1), dtype=np.int64)
    np.add.at(numbers, (found.group, buckets), found.lines)
    sums = np.bincount(found.group, found.lines * found.latency_ms / 1000, minlength=len(numbers))
    return {
        (one["step"], one["path"], one["status"]): Latencies(tuple(counts_of), sum_s)
        for one, counts_of, sum_s in zip(
            found.groups.to_pylist(), numbers.tolist(), sums.tolist(), strict=True
        )
    }


def _last_line_ns(cursor: duckdb.DuckDBPyConnection) -> int | None:
    """Looked for in the last minute of the last hour that has lines: the whole table would be read for it."""
    hour_ns = cursor.execute(f"SELECT max(at_ns) FROM ({_LAST_HOUR})").fetchall()[0][0]
    if hour_ns is None:
        return None
    minutes = counts(Span(hour_ns, hour_ns + HOUR_NS), Grain.MINUTE, ("at_ns",), _OURS)
    since_ns = cursor.execute(f"SELECT max(at_ns) FROM ({minutes})").fetchall()[0][0]
    found = cursor.execute(_LAST_LINE, [hour_ns if since_ns is None else since_ns]).fetchall()[0][0]
    return None if found is None else int(found)
