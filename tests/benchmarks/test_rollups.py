"""The panels of a month of lines from rollups, against the same questions to every line, and two peers.

The lines are made in SQL: thirty days, four sources, two versions, a quarter on path openai. Questions are
those of the Overview, for the newest 24 hours and for all thirty days. Peers count bins with three
percentiles, once in pandas and, where it is installed, in chdb, the embedded ClickHouse; both hold the lines
in memory, with small numbers for the names, and what it took to bring them there is not counted.

1 and 10 million lines; `SLOTGATE_BENCH_LINES=100000000` makes so many instead, which takes 7 GB of disk.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.data.bins import Axis, axis
from dashboard.data.every_line import EveryLine
from dashboard.data.lines import Lines
from dashboard.data.queries import Cursor
from dashboard.data.rolled_lines import RolledLines, grain_of
from dashboard.data.scope import DAY_NS, Everything, Window
from dashboard.data.selection import selection
from dashboard.errors import QueryTimeout
from ingest.history import read_history
from ingest.load import load
from ingest.report import Selection, report, rolled_steps
from ingest.rollups.reading import Grain, Span
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.benchmarks.mixed_lines import Truth, mixed_lines
from tests.benchmarks.test_evidence import SOURCES
from tests.ingest.stored import DATA

SIZES = [int(os.environ["SLOTGATE_BENCH_LINES"])] if "SLOTGATE_BENCH_LINES" in os.environ else [10**6, 10**7]
RANKS = np.array([0.5, 0.95, 0.99])
ROUNDS, ROUNDS_OF_RAW = 5, 2
START_NS, DAYS = 1_790_000_000_000_000_000, 30
END_NS = START_NS + DAYS * DAY_NS
PEERS_UP_TO = 10_000_000
"""The lines as a frame in memory are more than a small machine has, beyond."""
_LINES = """
INSERT INTO telemetry BY NAME
SELECT (i % 4)::INTEGER AS source_id, i AS line_offset, 0 AS record_index,
    {start} + i * {step} AS line_time_ns, 'transport' AS time_quality,
    'openai.v' || 1 + (i % 3 = 0)::INTEGER AS executor_version, 'job-' || h % 50_000_000 AS job_id,
    (h % 100)::UTINYINT AS bucket, CASE WHEN h % 100 < 25 THEN 'openai' ELSE 'stub' END AS path,
    CASE WHEN h % 100 < 1 THEN 'FAILED' WHEN h % 100 < 25 THEN 'COMPLETED' ELSE 'STUB' END AS status,
    CASE WHEN h % 300 = 0 THEN 'OPENAI_HTTP_ERROR' WHEN h % 100 < 1 THEN 'OPENAI_REQUEST_FAILED'
        WHEN h % 100 >= 90 THEN 'NOT_ALLOWLISTED' WHEN h % 100 >= 25 THEN 'ROLLOUT_EXCLUDED' END
        AS error_code,
    CASE WHEN h % 100 < 25 THEN round(exp(7 + (h // 100 % 1_000 + h // 100_000 % 1_000 - 1_000) / 500))
        ELSE 1 + h // 100 % 9 END::DOUBLE AS latency_ms,
    {start} + i * {step} - 1_000 AS decided_from_ns, (i * 9 // {lines})::INTEGER AS interval_no,
    1 + i * 9 // {lines} AS revision, revision AS revision_at_line, 2 AS stage,
    CASE WHEN interval_no % 3 = 0 THEN 'expand-10' ELSE 'expand-25' END AS step
FROM (SELECT i, (hash(i) % 1_000_000_000_000)::BIGINT AS h FROM range({first}, {until}) r(i))
"""
_INTERVALS = f"""
INSERT INTO control_interval BY NAME
SELECT 'home' AS history_id, n::INTEGER AS interval_no, {START_NS} + n * {DAYS * DAY_NS // 9} AS from_ns,
    CASE WHEN n < 8 THEN from_ns + {DAYS * DAY_NS // 9} END AS to_ns, 1 + n AS revision, 2 AS stage,
    CASE WHEN n % 3 = 0 THEN 'expand-10' ELSE 'expand-25' END AS step, false AS kill, true AS feature,
    25 AS percent, true AS allowlist, 'nobody' AS zero_admits, false AS removed
FROM range(9) r(n)
"""
_AT_ONCE = 10_000_000


@pytest.fixture(scope="module", params=SIZES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TelemetryStore]:
    lines: int = request.param
    path: Path = tmp_path_factory.mktemp("rollups") / "telemetry.duckdb"
    with TelemetryStore.open(path) as opened:
        with opened.transaction() as cursor:
            cursor.execute(SOURCES)
            cursor.execute(_INTERVALS)
        for first in range(0, lines, _AT_ONCE):
            numbers = {"first": first, "until": min(lines, first + _AT_ONCE), "lines": lines}
            with opened.transaction() as cursor:
                cursor.execute(_LINES.format(start=START_NS, step=DAYS * DAY_NS // lines, **numbers))
        size = path.stat().st_size
        begin = time.perf_counter()
        rebuild_rollups(opened)
        took = time.perf_counter() - begin
        with opened.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            [(minutes, hours)] = cursor.execute(
                "SELECT (SELECT count(*) FROM rollup_minute), (SELECT count(*) FROM rollup_hour)"
            ).fetchall()
        grown = path.stat().st_size - size
        print(
            f"\n{lines:,} lines: {size / 1e6:,.0f} MB; rollups counted in {took:.1f} s, "
            f"{lines / took / 1e6:.1f} M lines/s, {minutes:,} minute rows, {hours:,} hour rows, "
            f"{grown / 1e6:,.0f} MB"
        )
        yield opened
    path.unlink()


def fastest(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of some rounds, in ms; what a page would stop counts as long as that took."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        with suppress(QueryTimeout):
            work()
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def panels(lines: Lines, drawn: Axis) -> dict[str, Callable[[], Any]]:
    return {
        "quality of the record": lines.quality,
        "split and errorCodes": lines.outcomes,
        "latency by path": lines.latencies,
        "runs over time": lambda: lines.outcomes_over(drawn),
        "percentiles over time": lambda: lines.percentiles_over(drawn),
    }


@pytest.mark.parametrize("days", [1, DAYS])
def test_panels_from_rollups_and_from_every_line(store: TelemetryStore, days: int) -> None:
    window, span = Window("", "", days * DAY_NS), Span(END_NS - days * DAY_NS, END_NS)
    drawn = axis(span.start_ns, span.end_ns)
    grain = grain_of(drawn)
    assert grain is not None
    with store.cursor() as cursor:
        rolled = panels(RolledLines(cursor, Everything(), span, grain), drawn)
        raw = panels(EveryLine(cursor, selection(Everything(), window, END_NS)), drawn)
        print(f"{days} d, from {grain} rollups:")
        for name, ask in rolled.items():
            say(name, fastest(ask), fastest(raw[name], ROUNDS_OF_RAW))
        assert rolled["split and errorCodes"]()["runs"].sum() == store_lines(cursor) * days // DAYS
        if store_lines(cursor) <= PEERS_UP_TO:
            ours = fastest(rolled["percentiles over time"])
            for name, ask in peers(cursor, drawn).items():
                took = fastest(ask)
                print(f"  percentiles over time in {name}: {took:8.1f} ms, {took / ours:7.1f} times ours")


def test_figures_of_the_steps_from_rollups_and_from_every_line(store: TelemetryStore) -> None:
    with store.cursor() as cursor:
        print("all time, by step:")
        whole = RolledLines(cursor, Everything(), None, Grain.HOUR)
        of_report = fastest(lambda: report(cursor, Selection()), ROUNDS_OF_RAW)
        say("steps", fastest(lambda: rolled_steps(cursor)), of_report)
        every_line = EveryLine(cursor, selection(Everything(), Window("", "", None), 0))
        say("newest line", fastest(whole.quality), fastest(every_line.quality, ROUNDS_OF_RAW))


def say(name: str, rolled_ms: float, raw_ms: float) -> None:
    print(f"  {name:<24} {rolled_ms:8.1f} ms, every line {raw_ms:9.1f} ms, {raw_ms / rolled_ms:7.1f} times")


def store_lines(cursor: Cursor) -> int:
    return int(cursor.execute("SELECT count(*) FROM telemetry").fetchall()[0][0])


def peers(cursor: Cursor, drawn: Axis) -> dict[str, Callable[[], object]]:
    """Counts and three percentiles of each bin and path, over lines that are in memory already."""
    frame = cursor.execute(
        f"SELECT ((line_time_ns - {drawn.start_ns}) // {drawn.width_ns})::INTEGER AS bin, "
        "(path = 'openai')::UTINYINT AS is_openai, latency_ms FROM telemetry "
        f"WHERE line_time_ns >= {drawn.start_ns} AND line_time_ns < {drawn.end_ns}"
    ).df()
    found: dict[str, Callable[[], object]] = {
        "pandas": lambda: frame.groupby(["bin", "is_openai"])["latency_ms"].quantile(RANKS)
    }
    if find_spec("chdb") is None:
        print("  chdb is not installed here")
        return found
    clickhouse = import_module("chdb.session").Session()
    clickhouse.query("CREATE DATABASE bench")
    clickhouse.query(
        "CREATE TABLE bench.lines (bin Int32, is_openai UInt8, latency_ms Float64) "
        "ENGINE = MergeTree ORDER BY bin"
    )
    clickhouse.query("INSERT INTO bench.lines SELECT * FROM Python(frame)")
    query = (
        "SELECT bin, is_openai, count(), quantilesExact(0.5, 0.95, 0.99)(latency_ms) FROM bench.lines "
        "GROUP BY bin, is_openai FORMAT Null"
    )
    return found | {"chdb": lambda: clickhouse.query(query)}


def test_panels_over_the_rollups_of_a_hundred_million_lines(tmp_path: Path) -> None:
    """One day as dense as that, its rollups copied to the 29 days before, whose lines are not there.

    So what is read from the lines themselves, less than a minute at the beginning, is missing.
    """
    lines = 10**8 // DAYS
    with TelemetryStore.open(tmp_path / "telemetry.duckdb") as opened:
        with opened.transaction() as cursor:
            cursor.execute(SOURCES)
            cursor.execute(_INTERVALS)
            numbers = {"first": 0, "until": lines, "lines": lines, "step": DAY_NS // lines}
            cursor.execute(_LINES.format(start=END_NS - DAY_NS, **numbers))
        rebuild_rollups(opened)
        with opened.transaction() as cursor:
            for unit, of_a_day in (("minute", 1440), ("hour", 24)):
                cursor.execute(
                    f"INSERT INTO rollup_{unit} SELECT {unit} - {of_a_day} * back, * EXCLUDE ({unit}, back) "
                    f"FROM rollup_{unit}, range(1, {DAYS}) r(back) ORDER BY 1"
                )
        with opened.cursor() as cursor:
            for days in (1, DAYS):
                span = Span(END_NS - days * DAY_NS, END_NS)
                drawn = axis(span.start_ns, span.end_ns)
                grain = grain_of(drawn)
                assert grain is not None
                rolled = RolledLines(cursor, Everything(), span, grain)
                assert 0 <= lines * days - rolled.outcomes()["runs"].sum() < lines // (24 * 60)
                print(f"\n{days} d of {lines * DAYS:,} lines, CPU time:")
                for name, ask in panels(rolled, drawn).items():
                    print(f"  {name:<24} {cpu_ms(ask):8.1f} ms")
            print(f"  {'steps':<24} {cpu_ms(lambda: rolled_steps(cursor)):8.1f} ms")


def cpu_ms(work: Callable[[], object]) -> float:
    """The least CPU time of some rounds, in ms, of all threads together."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return 1000 * min(times)


def test_what_counting_costs_a_load(tmp_path: Path) -> None:
    """Counting all rows of a load once more, against the load itself, in CPU time: both use two cores."""
    truth = Truth()
    log = tmp_path / "mixed.log"
    with log.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in mixed_lines(1_000_000, "cri", truth))
    history = read_history(DATA / "executor-a.controls.jsonl")
    loads, counts = [], []
    for round_no in range(3):
        with TelemetryStore.open(tmp_path / f"{round_no}.duckdb") as opened:
            begin = time.process_time()
            load(opened, [log], history)
            between = time.process_time()
            assert rebuild_rollups(opened) == truth.accepted
            loads.append(between - begin)
            counts.append(time.process_time() - between)
    share = min(counts) / min(loads)
    print(f"\na load of {truth.lines:,} lines: {min(loads):.2f} s of CPU, of which counting is {share:.0%}")
    assert share < 0.25
