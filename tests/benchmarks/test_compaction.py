"""What DuckDB gives back by itself, and what a rewrite costs beside the bare copy that DuckDB can make.

The peer of a rewrite is `COPY FROM DATABASE`: the same rows, not told of, not synced, not read again. CPU of
all threads, since other work may share the machine. While it works lines are stored: what waits is printed.
What a rewrite and a question cost of nearly nothing is asked in the same run and taken off, so that what is
asserted holds for `SLOTGATE_BENCH_COMPACTION_LINES`, too, however few.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ingest.rollups.rebuilding import rebuild_rollups
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.upkeep.compacting import compact
from ingest.upkeep.copying import copy_store
from ingest.upkeep.room import size_of
from schemas.instant import SECOND
from tests.benchmarks.month_of_lines import DAYS, START_NS, month_of

LINES = int(os.environ.get("SLOTGATE_BENCH_COMPACTION_LINES", "2000000"))
_BLOCKS = 8 * 256 * 1024
"""A DuckDB file grows by blocks: of a small one a few that are not full are much."""
_DAY_NS = 24 * 3600 * SECOND
_MOST_TIMES_A_BARE_COPY = 4.0


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU, and of the clock."""
    cpu, begin = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - begin


def bare_copy(store: TelemetryStore, target: Path) -> None:
    with store.cursor() as cursor:
        cursor.execute(f"ATTACH '{target}' AS bare")
        cursor.execute("COPY FROM DATABASE telemetry TO bare")
        cursor.execute("DETACH bare")


def said(store: TelemetryStore, what: str) -> int:
    with store.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    on_disk, size = store.path.stat().st_size, size_of(store)
    print(f"{what:44} {on_disk / 1e6:7.1f} MB, of it free {size.free / 1e6:6.1f} MB")
    return on_disk


def cost_of_an_empty_copy(folder: Path) -> float:
    """Seconds of CPU."""
    with TelemetryStore.open(folder / "empty.duckdb") as empty:
        return measured(lambda: copy_store(empty, folder / "empty-copy.duckdb"))[0]


def test_room(tmp_path: Path) -> None:
    fixed = cost_of_an_empty_copy(tmp_path)
    with month_of(LINES, tmp_path) as store:
        full = said(store, "thirty days")
        with store.transaction() as cursor:
            half = START_NS + DAYS // 2 * _DAY_NS
            cursor.execute("DELETE FROM telemetry WHERE line_time_ns < ?", [half])
        halved = said(store, "the oldest fifteen deleted")
        copied, _ = measured(lambda: copy_store(store, tmp_path / "copy.duckdb"))
        bare, _ = measured(lambda: bare_copy(store, tmp_path / "bare.duckdb"))
        smallest = (tmp_path / "bare.duckdb").stat().st_size
        by_bytes, _ = measured(lambda: shutil.copy(store.path, tmp_path / "bytes"))
        waited: list[float] = []
        asked: list[float] = []
        with_work = threading.Event()

        def go_on(once: Callable[[], object], took: list[float]) -> None:
            while not with_work.is_set():
                took.append(measured(once)[1])
                with_work.wait(0.01)

        def store_something() -> None:
            with store.transaction() as cursor:
                record_event(cursor, 0, "test", None, "waits")

        def ask() -> None:
            with store.cursor() as cursor:
                cursor.execute("SELECT count(*), max(line_time_ns) FROM telemetry").fetchall()

        alone = max(measured(ask)[1] for _ in range(10))
        threads = [
            threading.Thread(target=go_on, args=pair) for pair in ((store_something, waited), (ask, asked))
        ]
        for thread in threads:
            thread.start()
        _, took = measured(lambda: compact(store, 0))
        with_work.set()
        for thread in threads:
            thread.join()
        compacted = said(store, "compacted")
        print(
            f"copied and compared in {copied:.1f} s of CPU, {LINES / 2 / copied / 1e6:.1f} M lines/s, "
            f"{(copied - fixed) / bare:.1f} times DuckDB's bare copy ({_MOST_TIMES_A_BARE_COPY:.0f} aimed at)"
            " beyond what it costs on an empty file; "
            f"copying {halved / 1e6:.0f} MB as bytes {by_bytes:.2f} s"
        )
        print(
            f"compacted in {took:.1f} s while it was used: who stored waited {max(waited):.1f} s at most, "
            f"who asked {max(asked):.2f} s, in {len(asked)} questions: "
            f"{(max(asked) - alone) / took:.2f} of the compaction, besides what a question takes alone"
        )
        with store.transaction() as cursor:
            moved = "SELECT * REPLACE (line_time_ns + $later AS line_time_ns) FROM telemetry"
            cursor.execute(f"INSERT INTO telemetry {moved}", {"later": DAYS // 2 * _DAY_NS})
        again = said(store, "as many lines again")
        rebuilt, _ = measured(lambda: rebuild_rollups(store))
        at_once, _ = measured(lambda: rebuild_rollups(store, rows_at_once=10 * LINES))
        print(
            f"rebuilt by stretches {rebuilt:.1f} s of CPU, {rebuilt / at_once:.2f} times that of one stretch"
        )
        assert compacted <= 1.1 * smallest + _BLOCKS
        assert compacted - _BLOCKS <= halved <= full + _BLOCKS
        assert again < 1.2 * full + _BLOCKS
