"""Following 5,000 lines a second with rotation: how old the newest visible line is; what looking costs.

The age is taken every 50 ms, by another cursor than that of the follower, as a page would; it counts from the
moment in which the line was written. The peer of a look is `scandir` and `stat` of the same files, bare.
"""

import gzip
import os
import resource
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.follow.finding import Finder
from ingest.follow.follower import Follower
from ingest.follow.pacing import pause_s
from ingest.loading.load import Surroundings
from ingest.store import TelemetryStore
from tests.ingest.stored import CRI, cri, record

SECONDS, LINES_A_SECOND, WRITES_A_SECOND = 60, 5_000, 50
ROTATED_EVERY = 3 * WRITES_A_SECOND
PAUSE_S = 0.2


class Executors:
    """Write lines of now into some files and rotate them, until told to stop."""

    def __init__(self, logs: list[Path]) -> None:
        self.written = 0
        self._logs = logs
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        due, writes = time.monotonic(), 0
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due, writes = due + 1 / WRITES_A_SECOND, writes + 1
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
            share = LINES_A_SECOND // WRITES_A_SECOND // len(self._logs)
            for log in self._logs:
                with log.open("a") as file:
                    file.writelines(
                        CRI.replace("2026-11-21T02:22:53.390129Z", at) % ("F", record(self.written + number))
                        for number in range(share)
                    )
                self.written += share
                if writes % ROTATED_EVERY == 0:
                    old = log.with_name(f"{log.name}.{writes // ROTATED_EVERY}")
                    log.rename(old)
                    if writes // ROTATED_EVERY % 2:
                        old.with_name(f"{old.name}.gz").write_bytes(gzip.compress(old.read_bytes(), 1))
                        old.unlink()


@pytest.mark.parametrize("files", [1, 10])
def test_how_old_the_newest_line_is(tmp_path: Path, files: int) -> None:
    ages: list[float] = []
    with TelemetryStore.open(tmp_path / "home" / "telemetry.duckdb") as store:
        around = Surroundings(None, time.time_ns, None)
        follower = Follower(store, [str(tmp_path / "logs")], around, lambda: None)
        (tmp_path / "logs").mkdir()
        executors = Executors([tmp_path / "logs" / f"{number}.log" for number in range(files)])
        stop = threading.Event()
        looking = threading.Thread(target=_look, args=(store, ages, stop))
        looking.start()
        began, cpu = time.monotonic(), time.process_time()
        while time.monotonic() - began < SECONDS:
            looked = time.monotonic()
            time.sleep(pause_s(follower.poll(), time.monotonic() - looked))
        busy = (time.process_time() - cpu) / SECONDS
        stop.set()
        looking.join()
        executors.stop()
        _until_all_is_in(store, follower, executors.written)
        follower.close()
    ages.sort()
    size = (tmp_path / "home" / "telemetry.duckdb").stat().st_size
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nfollow, {files} files, {executors.written:,} lines in {SECONDS} s, rotated every 3 s: the newest"
        f" seen is {ages[len(ages) // 2]:.2f} s old (median), {ages[len(ages) * 95 // 100]:.2f} s (95 %),"
        f" {ages[-1]:.2f} s (most); {busy:.0%} of a core with the writers;"
        f" file {size / executors.written:.0f} bytes a line; peak memory {memory:,.0f} MiB"
    )


def _look(store: TelemetryStore, ages: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.05):
        with store.cursor() as cursor:
            newest = cursor.execute("SELECT max(line_time_ns) FROM telemetry").fetchall()[0][0]
        if newest is not None:
            ages.append((time.time_ns() - newest) / 1e9)


def _until_all_is_in(store: TelemetryStore, follower: Follower, written: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        follower.poll()
        with store.cursor() as cursor:
            counts = cursor.execute("SELECT count(*), count(DISTINCT job_id) FROM telemetry").fetchall()[0]
        if counts[0] >= written or time.monotonic() > deadline:
            assert counts == (written, written)
            return
        time.sleep(PAUSE_S)


@pytest.mark.parametrize("files", [100, 1_000, 3_000])
def test_what_a_look_costs_at_files_that_do_not_change(tmp_path: Path, files: int) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(files):
        (folder / f"{number}.log").write_bytes(cri(number))
    finder = Finder([str(folder)])
    ours = _cpu_ms(lambda: finder.find({}))
    with TelemetryStore.open(tmp_path / "home" / "telemetry.duckdb") as store:
        follower = Follower(store, [str(folder)], Surroundings(None, time.time_ns, None), lambda: None)
        follower.poll()
        time.sleep(PAUSE_S)  # files that changed a moment ago are read once more
        while follower.poll().summary.sources:
            pass
        whole = _cpu_ms(follower.poll)
    bare = _cpu_ms(lambda: [entry.stat() for entry in os.scandir(folder)])
    print(
        f"\n{files:,} files that do not change: a pass takes {whole:.1f} ms of processor time,"
        f" finding them {ours:.1f} ms, bare scandir and stat {bare:.1f} ms; ratio {whole / bare:.1f}"
    )


def _cpu_ms(work: Callable[[], object], rounds: int = 20) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1_000
