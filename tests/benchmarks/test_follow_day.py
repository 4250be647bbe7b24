"""A day of following in four minutes: five kinds of rotation, each every some seconds, at a day's rates.

The rate goes with the hour, from 300 lines a second at night to 5,000 in the afternoon, and doubles for some
moments at nine. Twice a second, beside the follower and in its process, a query looks how far it is. What was
written and when is known here: `lag` is the age of the newest line that a query sees, `behind` counts the
lines that were written and are not in the table. At the end each line must be there once.
"""

import bisect
import math
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.conftest import Draw
from tests.benchmarks.day.followed import Look, follow
from tests.benchmarks.day.picture import picture
from tests.benchmarks.day.rotations import CopyTruncated, Log, PackedAtOnce, Renamed, Small, Swapped
from tests.ingest.stored import record

DAY_SECONDS = 240.0
WRITES_A_SECOND = 20
ROTATED_EVERY_S = 4.0
SWAPPED_EVERY_S = 12.0  # nobody sees what a link led to between two looks
NIGHT, AFTERNOON = 300, 5_000


def rate(hour: float) -> float:
    """Lines a second at an hour of the day."""
    wave = (1 - math.cos((hour - 3) / 24 * 2 * math.pi)) / 2
    burst = 2.0 if 9.0 <= hour < 9.3 else 1.0
    return (NIGHT + (AFTERNOON - NIGHT) * wave) * burst


class Day:
    """Writes the lines of a day, and remembers how many there were when."""

    def __init__(self, folder: Path) -> None:
        kinds = (Renamed, PackedAtOnce, CopyTruncated, Swapped)
        self.logs: list[Log] = [kind(folder / kind.__name__.lower()) for kind in kinds]
        self.small = Small(folder / "small")
        self.written = 0
        self.moments: list[int] = [0]
        self.counts: list[int] = [0]
        self._owed = 0.0

    def live(self, seconds: float) -> None:
        """From midnight to midnight, in so many seconds."""
        began = due = time.monotonic()
        turn = 0
        logs = (*self.logs, self.small)
        rotate_at = {log: began + (number + 1) * ROTATED_EVERY_S / 5 for number, log in enumerate(logs)}
        while (now := time.monotonic()) < began + seconds:
            self._owed += rate((now - began) / seconds * 24) * (max(now - due, 0) + 1 / WRITES_A_SECOND)
            count, turn = int(self._owed), turn + 1
            self._owed -= count
            self._write(self.logs[turn % len(self.logs)], count)
            for log in logs:
                if now >= rotate_at[log]:
                    log.rotate()
                    rotate_at[log] += SWAPPED_EVERY_S if isinstance(log, Swapped) else ROTATED_EVERY_S
            due = max(due, now) + 1 / WRITES_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))

    def _write(self, log: Log, count: int) -> None:
        few = min(count, int(len(self.counts) % 5 == 0))
        log.write("".join(map(self._line, range(self.written, self.written + count - few))))
        self.small.write("".join(map(self._line, range(self.written + count - few, self.written + count))))
        self.written += count
        self.moments.append(time.time_ns())
        self.counts.append(self.written)

    @staticmethod
    def _line(number: int) -> str:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return f"{at}Z stderr F {record(number)}\n"

    def written_by(self, at_ns: int) -> int:
        """How many lines were written at a moment."""
        return self.counts[bisect.bisect_right(self.moments, at_ns) - 1]


@pytest.mark.timeout(1800)
def test_a_day_of_following(tmp_path: Path, draw: Draw) -> None:
    day, home = Day(tmp_path / "logs"), tmp_path / "home"
    with followed_aside(home, [str(log.followed) for log in (*day.logs, day.small)]) as looks:
        while not looks:
            time.sleep(0.1)
        began_ns = time.time_ns()
        day.live(DAY_SECONDS)
    told = table(day, looks[1:-1], began_ns)
    say(day, told, looks[-1])
    draw(f"A day of following: {day.written:,} lines, each log rotated every few seconds", picture(told))
    assert_each_is_there_once(home, day.written)


@contextmanager
def followed_aside(home: Path, paths: list[str]) -> Iterator[list[Look]]:
    """Follow in another process until the end of the context, and all is read; the looks as they come."""
    spawning = multiprocessing.get_context("spawn")  # a fork would hold what this process holds
    ours, theirs = spawning.Pipe()
    looks: list[Look] = []

    def listen() -> None:
        with suppress(EOFError):
            while True:
                looks.append(ours.recv())

    process = spawning.Process(target=follow, args=(home, paths, theirs), daemon=True)
    process.start()
    theirs.close()
    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield looks
        ours.send("end")
        process.join()
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()
        listening.join()
        ours.close()


def table(day: Day, looks: list[Look], began_ns: int) -> pd.DataFrame:
    """The looks as columns: hour, lines/s, MiB, MiB, seconds, lines."""
    to_hours = 24 / (DAY_SECONDS * 1e9)
    return pd.DataFrame(
        {
            "hour": [(look.at_ns - began_ns) * to_hours for look in looks],
            "written": [day.written_by(look.at_ns) - day.written_by(look.at_ns - 10**9) for look in looks],
            "resident": [look.resident / 2**20 for look in looks],
            "on_disk": [look.on_disk / 2**20 for look in looks],
            "lag": [(look.at_ns - (look.newest_ns or began_ns)) / 1e9 for look in looks],
            "behind": [max(0, day.written_by(look.at_ns) - look.rows) for look in looks],
            "rows": [look.rows for look in looks],
        }
    )


def say(day: Day, told: pd.DataFrame, last: Look) -> None:
    later = told[told["hour"] >= 12]
    slope = np.polyfit(later["rows"] / 1e6, later["resident"], 1)[0]
    lag, behind = told["lag"], told["behind"]
    often = ROTATED_EVERY_S / len((*day.logs, day.small))
    print(
        f"\na day in {DAY_SECONDS:.0f} s, {day.written:,} lines, a rotation every {often:.1f} s:"
        f" newest line {lag.median():.2f} s old (median), {lag.quantile(0.95):.2f} s (95 %),"
        f" {lag.max():.2f} s (most); behind {behind.median():,.0f} lines (median),"
        f" {behind.max():,.0f} (most); memory {told['resident'].max():,.0f} MiB at its peak,"
        f" {slope:+.1f} MiB a million lines in the second half; telemetry file"
        f" {last.on_disk / day.written:.0f} bytes a line"
    )


def assert_each_is_there_once(home: Path, written: int) -> None:
    numbers = "SELECT job_id[5:]::BIGINT AS n FROM telemetry"
    with duckdb.connect(home / "telemetry.duckdb", read_only=True) as connection:
        found = connection.execute(
            f"SELECT count(*), count(DISTINCT n), min(n), max(n) FROM ({numbers})"
        ).fetchall()
        gaps = connection.execute("SELECT count(*) FROM ingest_gap").fetchall()
    assert found == [(written, written, 0, written - 1)]
    assert gaps == [(0,)]
