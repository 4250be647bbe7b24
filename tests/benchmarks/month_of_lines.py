"""Thirty days of lines made in SQL: four sources, two versions, nine stays, a quarter on path openai.

However many lines there are, they cover the same minutes: what a panel costs then shows what it grows with.
A record is made for each run, by the product's own counting; where `SLOTGATE_BENCH_RECORDS` names a folder,
it is kept there, and the next run copies it: a hundred million lines take a quarter of an hour on busy cores.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dashboard.data.scope import DAY_NS
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.benchmarks.test_evidence import SOURCES

START_NS, DAYS = 1_790_000_000_000_000_000, 30
END_NS = START_NS + DAYS * DAY_NS
STAYS = 9
_LINES = """
INSERT INTO telemetry BY NAME
SELECT (i % 4)::INTEGER AS source_id, i AS line_offset, 0 AS record_index,
    $start + i * $step AS line_time_ns, 'transport' AS time_quality,
    'openai.v' || 1 + (i % 3 = 0)::INTEGER AS executor_version, 'job-' || h % 50_000_000 AS job_id,
    (h % 100)::UTINYINT AS bucket, CASE WHEN h % 100 < 25 THEN 'openai' ELSE 'stub' END AS path,
    CASE WHEN h % 100 < 1 THEN 'FAILED' WHEN h % 100 < 25 THEN 'COMPLETED' ELSE 'STUB' END AS status,
    CASE WHEN h % 300 = 0 THEN 'OPENAI_HTTP_ERROR' WHEN h % 100 < 1 THEN 'OPENAI_REQUEST_FAILED'
        WHEN h % 100 >= 90 THEN 'NOT_ALLOWLISTED' WHEN h % 100 >= 25 THEN 'ROLLOUT_EXCLUDED' END
        AS error_code,
    CASE WHEN h % 100 < 25 THEN round(exp(7 + (h // 100 % 1_000 + h // 100_000 % 1_000 - 1_000) / 500))
        ELSE 1 + h // 100 % 9 END::DOUBLE AS latency_ms,
    line_time_ns - 1_000 AS decided_from_ns, (i * $stays // $lines)::INTEGER AS interval_no,
    1 + interval_no AS revision, revision AS revision_at_line, 2 AS stage,
    CASE WHEN interval_no % 3 = 0 THEN 'expand-10' ELSE 'expand-25' END AS step
FROM (SELECT i, (hash(i) % 1_000_000_000_000)::BIGINT AS h FROM range($first, $until) r(i))
"""
_INTERVALS = f"""
INSERT INTO control_interval BY NAME
SELECT 'home' AS history_id, n::INTEGER AS interval_no, {START_NS} + n * {DAYS * DAY_NS // STAYS} AS from_ns,
    CASE WHEN n < {STAYS - 1} THEN from_ns + {DAYS * DAY_NS // STAYS} END AS to_ns, 1 + n AS revision,
    2 AS stage, CASE WHEN n % 3 = 0 THEN 'expand-10' ELSE 'expand-25' END AS step, false AS kill,
    true AS feature, 25 AS percent, true AS allowlist, 'nobody' AS zero_admits, false AS removed
FROM range({STAYS}) r(n)
"""
_SIZES = """
SELECT (SELECT count(*) FROM rollup_minute), (SELECT count(*) FROM rollup_hour),
    (SELECT count(*) FROM rollup_key)
"""
_AT_ONCE = 10_000_000
SIZES = [int(lines) for lines in os.environ.get("SLOTGATE_BENCH_LINES", "1000000,10000000").split(",")]
"""How many lines the benchmarks over records of several sizes make."""


@contextmanager
def month_of(lines: int, folder: Path) -> Iterator[TelemetryStore]:
    """A store in `folder` with so many lines over the thirty days, and their rollups; gone afterwards."""
    path = folder / "telemetry.duckdb"
    records = os.environ.get("SLOTGATE_BENCH_RECORDS")
    kept = None if records is None else Path(records) / f"{lines}.duckdb"
    if kept is not None and kept.exists():
        shutil.copyfile(kept, path)
    else:
        _make(lines, path)
        if kept is not None:
            shutil.copyfile(path, kept)
    with TelemetryStore.open(path) as store:
        with store.cursor() as cursor:
            [(minutes, hours, keys)] = cursor.execute(_SIZES).fetchall()
        print(
            f"\n{lines:,} lines, {path.stat().st_size / 1e6:,.0f} MB with their rollups: "
            f"{minutes:,} rows for minutes, {hours:,} for hours, {keys:,} keys"
        )
        yield store
    path.unlink()


def _make(lines: int, path: Path) -> None:
    begin, cpu = time.perf_counter(), time.process_time()
    with TelemetryStore.open(path) as store:
        fill(store, lines, START_NS, DAYS)
        made, size = time.perf_counter(), path.stat().st_size
        made_cpu = time.process_time()
        rebuild_rollups(store)
        counted, counted_cpu = time.perf_counter() - made, time.process_time() - made_cpu
        with store.cursor() as cursor:
            cursor.execute("CHECKPOINT")
    print(
        f"\n{lines:,} lines: made in {made - begin:.0f} s ({made_cpu - cpu:.0f} of CPU), "
        f"{size / 1e6:,.0f} MB; rollups counted in {counted:.1f} s ({counted_cpu:.1f} of CPU), "
        f"{lines / counted / 1e6:.1f} M lines/s, {(path.stat().st_size - size) / 1e6:,.0f} MB"
    )


def fill(store: TelemetryStore, lines: int, start_ns: int, days: int) -> None:
    """Put so many lines over `days` from `start_ns` on into an empty store, without rollups."""
    with store.transaction() as cursor:
        cursor.execute(SOURCES)
        cursor.execute(_INTERVALS)
    for first in range(0, lines, _AT_ONCE):
        with store.transaction() as cursor:
            put(cursor, first, min(lines, first + _AT_ONCE), lines, start_ns, days)


def put(
    cursor: duckdb.DuckDBPyConnection,
    first: int,
    until: int,
    lines: int,
    start_ns: int = START_NS,
    days: int = DAYS,
) -> None:
    """The lines from number `first` on and before `until`, of `lines` that `days` have."""
    numbers = {"first": first, "until": until, "lines": lines, "stays": STAYS}
    cursor.execute(_LINES, {"start": start_ns, "step": days * DAY_NS // lines, **numbers})
