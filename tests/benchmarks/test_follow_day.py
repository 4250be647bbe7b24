"""A day of following in four minutes: five kinds of rotation, each every some seconds, at a day's rates.

The rate goes with the hour, from 300 lines a second at night to 5,000 in the afternoon, and doubles for some
moments at nine. What time the lines say runs faster still: eight days pass, of which retention, asked every
five seconds, keeps two; at six in the evening the file is compacted, while lines come. Twice a second, beside
the follower and in its process, a query looks how far it is. What was written and when is known here: `lag`
is the age of the newest line that a query sees, `behind` counts the lines that were written and are not
stored. At the end each line was counted once, and those that are not too old are in the table, each once.

`SLOTGATE_BENCH_DAY_SECONDS` makes the day shorter; half a minute is enough to see that all parts work.
"""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.benchmarks.conftest import Draw
from tests.benchmarks.day.calendar import Calendar
from tests.benchmarks.day.followed import Look, follow
from tests.benchmarks.day.picture import picture
from tests.benchmarks.day.upkeep import Kept, Plan
from tests.benchmarks.day.writing import ROTATED_EVERY_S, Day

DAY_SECONDS = float(os.environ.get("SLOTGATE_BENCH_DAY_SECONDS", "240"))
CALENDAR_DAYS, DAYS_KEPT = 8, 2
PASSES, COMPACTED_AT = 48, 0.75
"""So many passes of retention a day; after such a part of it the file is compacted."""


@dataclass
class Told:
    """What the other process said, as it comes; `kept` at its end."""

    looks: list[Look] = field(default_factory=list)
    kept: Kept | None = None


@pytest.mark.timeout(1800)
def test_a_day_of_following(tmp_path: Path, draw: Draw) -> None:
    calendar = Calendar(time.time_ns(), DAY_SECONDS, CALENDAR_DAYS)
    plan = Plan(calendar, DAYS_KEPT, DAY_SECONDS / PASSES, DAY_SECONDS * COMPACTED_AT)
    day, home = Day(tmp_path / "logs", calendar), tmp_path / "home"
    with followed_aside(home, [str(log.followed) for log in (*day.logs, day.small)], plan) as told:
        while not told.looks:
            time.sleep(0.1)
        began_ns = time.time_ns()
        day.live(DAY_SECONDS)
    seen = table(day, told.looks[1:-1], began_ns, calendar)
    assert told.kept is not None
    say(day, seen, told.looks[-1], told.kept)
    title = f"A day of following: {day.written:,} lines, each log rotated every few seconds"
    draw(f"{title}, {DAYS_KEPT} of {CALENDAR_DAYS} days kept, compacted at 18", picture(seen))
    assert_each_was_counted_once(home, day, told.looks[-1], told.kept)


@contextmanager
def followed_aside(home: Path, paths: list[str], plan: Plan) -> Iterator[Told]:
    """Follow in another process until the end of the context, and all is read."""
    spawning = multiprocessing.get_context("spawn")  # a fork would hold what this process holds
    ours, theirs = spawning.Pipe()
    told = Told()

    def listen() -> None:
        with suppress(EOFError):
            while True:
                match ours.recv():
                    case Look() as look:
                        told.looks.append(look)
                    case kept:
                        told.kept = kept

    process = spawning.Process(target=follow, args=(home, paths, plan, theirs), daemon=True)
    process.start()
    theirs.close()
    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield told
        ours.send("end")
        process.join()
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()
        listening.join()
        ours.close()


def table(day: Day, looks: list[Look], began_ns: int, calendar: Calendar) -> pd.DataFrame:
    """The looks as columns: hour, lines/s, MiB, MiB, lines, seconds, lines, lines."""
    to_hours = 24 / (DAY_SECONDS * 1e9)
    newest = [began_ns if look.newest_ns is None else calendar.real(look.newest_ns) for look in looks]
    return pd.DataFrame(
        {
            "hour": [(look.at_ns - began_ns) * to_hours for look in looks],
            "written": [day.written_by(look.at_ns) - day.written_by(look.at_ns - 10**9) for look in looks],
            "resident": [look.resident / 2**20 for look in looks],
            "on_disk": [look.on_disk / 2**20 for look in looks],
            "held": [look.held for look in looks],
            "lag": [(look.at_ns - at_ns) / 1e9 for look, at_ns in zip(looks, newest, strict=True)],
            "behind": [max(0, day.written_by(look.at_ns) - look.stored) for look in looks],
            "stored": [look.stored for look in looks],
        }
    )


def say(day: Day, seen: pd.DataFrame, last: Look, kept: Kept) -> None:
    later = seen[seen["hour"] >= 12]
    slope = np.polyfit(later["stored"] / 1e6, later["resident"], 1)[0]
    lag, behind = seen["lag"], seen["behind"]
    often = ROTATED_EVERY_S / len((*day.logs, day.small))
    print(
        f"\na day in {DAY_SECONDS:.0f} s, {day.written:,} lines, a rotation every {often:.1f} s:"
        f" newest line {lag.median():.2f} s old (median), {lag.quantile(0.95):.2f} s (95 %),"
        f" {lag.max():.2f} s (most); behind {behind.median():,.0f} lines (median),"
        f" {behind.max():,.0f} (most); memory {seen['resident'].max():,.0f} MiB at its peak,"
        f" {slope:+.1f} MiB a million lines in the second half"
    )
    print(
        f"{CALENDAR_DAYS} days by the lines, {DAYS_KEPT} kept: {kept.deleted:,} lines deleted in"
        f" {kept.passes} passes, the longest {kept.longest_pass_s:.2f} s;"
        f" compacted in {kept.compaction_s:.2f} s, {kept.compacted.before / 2**20:.1f} MiB to"
        f" {kept.compacted.after / 2**20:.1f} MiB;"
        f" telemetry file {seen['on_disk'].max():.1f} MiB at most,"
        f" {last.on_disk / 2**20:.1f} MiB at the end for {last.held:,} lines"
    )


def assert_each_was_counted_once(home: Path, day: Day, last: Look, kept: Kept) -> None:
    """All in the rollups, which a look reads; those young enough also in the table."""
    assert last.stored == day.written
    first = day.written_before(kept.before_ns)
    assert 0 < first < day.written, "some went, and some are kept"
    assert kept.deleted == first
    numbers = "SELECT job_id[5:]::BIGINT AS n FROM telemetry"
    with duckdb.connect(home / "telemetry.duckdb", read_only=True) as connection:
        found = connection.execute(
            f"SELECT count(*), count(DISTINCT n), min(n), max(n) FROM ({numbers})"
        ).fetchall()
        gaps = connection.execute("SELECT count(*) FROM ingest_gap").fetchall()
    assert found == [(day.written - first, day.written - first, first, day.written - 1)]
    assert gaps == [(0,)]
