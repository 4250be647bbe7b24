"""The panels of a month of lines from rollups, against the same questions to every line, and two peers.

Questions are those of the Overview, for the newest 24 hours and for all thirty days, and those of Stages and
of the head of every page. They have the 1 GB of memory of the store; every line may have 8 GB, and a minute,
where a page would stop it after five seconds. Peers count bins with three percentiles: pandas and, where
it is installed (`pip install chdb chdb-core`), chdb, the embedded ClickHouse; both hold the lines in memory,
with small numbers for the names, and what it took to bring them there is not counted.

1 and 10 million lines; `SLOTGATE_BENCH_LINES=10000000,100000000` makes so many instead, in turn. A hundred
million take 3 GB of disk and some minutes. With `SLOTGATE_BENCH_ALONE=1` panels have no peers, and take some
seconds: for the clock beside other work.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple, cast

import duckdb
import numpy as np
import pytest

from dashboard.data.bins import Axis, axis
from dashboard.data.every_line import EveryLine
from dashboard.data.lines import Lines
from dashboard.data.overview import overview
from dashboard.data.queries import Cursor, lines_stored
from dashboard.data.rolled_lines import RolledLines, grain_of
from dashboard.data.scope import DAY_NS, WINDOW_BY_NAME, Everything, Window
from dashboard.data.selection import Selection as Chosen
from dashboard.data.selection import selection
from dashboard.data.stage_detail import detail
from dashboard.data.stages import figures, listed
from dashboard.data.stay_closely import detail_in_lines
from dashboard.data.stay_rollups import in_lines
from dashboard.errors import QueryTimeout
from ingest.history.controls import read_history
from ingest.loading.load import load
from ingest.report.report import Selection, report, rolled_steps
from ingest.rollups.folding import sum_up_half_days
from ingest.rollups.grain import Grain
from ingest.rollups.reading import Span
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from tests.benchmarks.mixed_lines import Truth, mixed_lines
from tests.benchmarks.month_of_lines import DAYS, END_NS, SIZES, fill, month_of
from tests.ingest.stored import DATA

RANKS = np.array([0.5, 0.95, 0.99])
FEW_LINES, LEAST_LINES = 2_000, 50_000
LOADED_LINES = max(LEAST_LINES, int(os.environ.get("SLOTGATE_BENCH_LOAD_LINES", "1000000")))
"""Of the load that counting is compared with. Fewer cost less than two rounds of the same load differ by."""
ROUNDS = 7
PEERS_UP_TO = 10_000_000
"""The lines as a frame in memory are more than a small machine has, beyond."""
ALONE = "SLOTGATE_BENCH_ALONE" in os.environ
LONGEST_S = 60.0
BOUND_MS = 50.0
"""What every panel is to take at most, whatever the lines."""


class Took(NamedTuple):
    """The least of some rounds, in ms; `cpu` of all threads. `ended`: why it ended too early, else empty."""

    wall: float
    cpu: float
    ended: str = ""


class Patient:
    """A cursor that no page's time limit stops."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def interrupt(self) -> None:
        """What the limit of a page calls."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


COSTS: dict[str, dict[int, Took]] = {}
"""What each panel took from rollups, by the lines there were."""


@pytest.fixture(scope="module", params=SIZES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TelemetryStore]:
    with month_of(request.param, tmp_path_factory.mktemp("rollups")) as opened:
        yield opened


def least(work: Callable[[], object], rounds: int = ROUNDS) -> Took:
    """What `work` takes."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall_s, cpu_s = (1000 * min(column) for column in zip(*times, strict=True))
    return Took(wall_s, cpu_s)


def raw(store: TelemetryStore, work: Callable[[Cursor], object]) -> Took | None:
    """What `work` takes once over every line; what ran out of time or memory counts as long as that took."""
    if ALONE:
        return None
    with store.cursor() as cursor:
        cursor.execute("SET GLOBAL memory_limit = '8GB'")
        timer = Timer(LONGEST_S, cursor.interrupt)
        timer.start()
        wall, cpu, ended = time.perf_counter(), time.process_time(), ""
        try:
            work(cast("Cursor", Patient(cursor)))
        except (duckdb.InterruptException, QueryTimeout):
            ended = f"stopped after {LONGEST_S:.0f} s"
        except duckdb.OutOfMemoryException:
            ended = "no room in 8 GB"
        finally:
            timer.cancel()
            took = 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)
            cursor.execute("SET GLOBAL memory_limit = '1GB'")
    return Took(*took, ended)


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
        chosen = selection(Everything(), window, END_NS)
        lines = lines_stored(cursor)
        print(f"\n{days} d of {lines:,} lines, from {grain} rollups:")
        for name, ask in rolled.items():
            every_line = partial(asked_of_every_line, name, chosen, drawn)
            say(f"{name}, {days} d", lines, least(ask), raw(store, every_line))
        assert rolled["split and errorCodes"]()["runs"].sum() == lines * days // DAYS
        if not ALONE and lines * days // DAYS <= PEERS_UP_TO:
            ours = least(rolled["percentiles over time"])
            for name, ask in peers(cursor, drawn).items():
                took = least(ask)
                print(
                    f"  percentiles over time in {name}: {took.wall:.1f} ms, CPU {took.cpu:.1f} ms, "
                    f"{took.cpu / ours.cpu:.1f} times the CPU of ours"
                )


def asked_of_every_line(name: str, chosen: Chosen, drawn: Axis, cursor: Cursor) -> object:
    return panels(EveryLine(cursor, chosen), drawn)[name]()


def test_stages_and_the_head_of_pages(store: TelemetryStore) -> None:
    with store.cursor() as cursor:
        lines, stays = lines_stored(cursor), [one.stay for one in listed(cursor)]
        whole = RolledLines(cursor, Everything(), None, Grain.HALF_DAY)
        asked: dict[str, tuple[Callable[[], object], Callable[[Cursor], object]]] = {
            "newest line": (
                whole.quality,
                lambda one: EveryLine(one, selection(Everything(), Window("", "", None), 0)).quality(),
            ),
            "steps": (lambda: rolled_steps(cursor), lambda one: report(one, Selection())),
            "all stays": (
                lambda: in_lines(cursor, stays),
                lambda one: [figures(one, stay, END_NS) for stay in stays[:2]],
            ),
            "a stay closely": (
                lambda: detail_in_lines(cursor, stays[0]),
                lambda one: detail(one, stays[0]),
            ),
        }
        print(f"\nall time of {lines:,} lines; all stays are {len(stays)}, of which 2 are read line by line:")
        for name, (rolled, every_line) in asked.items():
            say(name, lines, least(rolled), raw(store, every_line))
        say("list of stays", lines, least(lambda: listed(cursor)), None)
        for window in (WINDOW_BY_NAME["24h"], WINDOW_BY_NAME["30d"]):
            took = least(partial(overview, cursor, Everything(), window, END_NS))
            print(f"  a whole Overview of {window.label:<9} {took.wall:6.1f} ms, CPU {took.cpu:6.1f} ms")


def test_what_a_panel_costs_grows_with_minutes_not_with_lines() -> None:
    """Between the smallest record and the largest; the minutes are the same."""
    if len(SIZES) > 1:
        few, many = min(SIZES), max(SIZES)
        print(f"\nfrom {few:,} to {many:,} lines over the same minutes, CPU and clock:")
        for name, by_lines in COSTS.items():
            before, after = by_lines[few], by_lines[many]
            print(
                f"  {name:<30} {before.cpu:7.1f} to {after.cpu:7.1f} ms, {after.cpu / before.cpu:4.1f} "
                f"times; {before.wall:7.1f} to {after.wall:7.1f} ms, {after.wall / before.wall:4.1f} times; "
                f"lines {many / few:.0f} times"
            )


def say(name: str, lines: int, rolled: Took, every_line: Took | None) -> None:
    COSTS.setdefault(name, {})[lines] = rolled
    beside = "" if rolled.wall < BOUND_MS else f" (above {BOUND_MS:.0f} ms at load {os.getloadavg()[0]:.0f})"
    if every_line is not None:
        beside += (
            f"; every line {every_line.wall:7.0f} ms, CPU {every_line.cpu:7.0f} ms, "
            f"{every_line.wall / rolled.wall:6.1f} times, CPU {every_line.cpu / rolled.cpu:6.1f} times"
            f"{every_line.ended and f', {every_line.ended}'}"
        )
    print(f"  {name:<30} {rolled.wall:6.1f} ms, CPU {rolled.cpu:6.1f} ms{beside}")


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
        print("  chdb is not installed here: pip install chdb chdb-core")
        return found
    clickhouse = import_module("chdb.session").Session()
    clickhouse.query("CREATE DATABASE IF NOT EXISTS bench")
    clickhouse.query("DROP TABLE IF EXISTS bench.lines")
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
        fill(opened, lines, END_NS - DAY_NS, 1)
        rebuild_rollups(opened)
        with opened.transaction() as cursor:
            for unit, of_a_day in (("minute", 1440), ("hour", 24)):
                cursor.execute(
                    f"INSERT INTO rollup_{unit} SELECT {unit} - {of_a_day} * back, * EXCLUDE ({unit}, back) "
                    f"FROM rollup_{unit}, range(1, {DAYS}) r(back) ORDER BY 1"
                )
            sum_up_half_days(cursor)
        with opened.cursor() as cursor:
            for days in (1, DAYS):
                span = Span(END_NS - days * DAY_NS, END_NS)
                drawn = axis(span.start_ns, span.end_ns)
                grain = grain_of(drawn)
                assert grain is not None
                rolled = RolledLines(cursor, Everything(), span, grain)
                assert 0 <= lines * days - rolled.outcomes()["runs"].sum() < lines // (24 * 60)
                print(f"\n{days} d of the rollups of {lines * DAYS:,} lines:")
                for name, ask in panels(rolled, drawn).items():
                    took = least(ask)
                    print(f"  {name:<30} {took.wall:6.1f} ms, CPU {took.cpu:6.1f} ms")


def test_what_counting_costs_a_load(tmp_path: Path) -> None:
    """Counting all rows of a load once more, against the load itself, in CPU time: both use two cores.

    Both of a few lines are taken off: what a rebuild costs whatever there is would be most of a short one.
    """
    first_load, first_count, _ = load_and_count(tmp_path, FEW_LINES)
    loaded, counted, lines = load_and_count(tmp_path, FEW_LINES + LOADED_LINES)
    share = (counted - first_count) / (loaded - first_load)
    print(
        f"\na load of {lines:,} lines: {loaded:.2f} s of CPU, of which counting is {share:.0%} "
        f"(a quarter is aimed at); of {FEW_LINES:,} lines {first_load:.2f} s, "
        f"and {first_count:.2f} s for counting"
    )


def load_and_count(folder: Path, lines: int) -> tuple[float, float, int]:
    """The least seconds of CPU of three loads, and of counting what they stored; how many lines it were."""
    truth = Truth()
    log = folder / f"mixed-{lines}.log"
    with log.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in mixed_lines(lines, "cri", truth))
    history = read_history(DATA / "executor-a.controls.jsonl")
    loads, counts = [], []
    for round_no in range(3):
        with TelemetryStore.open(folder / f"{lines}-{round_no}.duckdb") as opened:
            begin = time.process_time()
            load(opened, [log], history)
            between = time.process_time()
            assert rebuild_rollups(opened) == truth.accepted
            loads.append(between - begin)
            counts.append(time.process_time() - between)
    return min(loads), min(counts), truth.lines
