"""Following: every line comes once, whatever the files beside it do."""

import gzip
import os
import shutil
from pathlib import Path

from ingest.follow.finding import Finder
from ingest.loading.file_load import MOST_AT_ONCE
from tests.ingest.follow.following import append, following, jobs
from tests.ingest.stored import RECORD, cri, stored_jobs


def test_a_copied_spool_is_not_read_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first" / "spool", tmp_path / "second" / "spool"
    (first / "a").mkdir(parents=True)
    append(first / "1.log", cri(1))
    append(first / "a" / "1.log", cri(1))
    append(first / "2.log", cri(1))
    with following(tmp_path, first, spool=first) as follower:
        assert follower.jobs() == ["job-1"] * 3
    shutil.copytree(first, second)
    append(second / "1.log", cri(2))
    with following(tmp_path, second, spool=second) as follower:
        assert follower.jobs() == ["job-1"] * 3 + ["job-2"]
        append(second / "3.log", cri(1))
        assert follower.jobs() == ["job-1"] * 4 + ["job-2"]


def test_a_write_within_a_tick_of_the_clock_is_seen(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log) as follower:
        for number in range(10, 20):
            with log.open("r+b" if log.exists() else "wb") as file:
                file.write(cri(number))
            follower.poll()
        assert follower.jobs() == jobs(*range(10, 20))


def test_nothing_is_written_while_nothing_changes(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    with following(tmp_path, log) as follower:
        follower.jobs()
        os.utime(log, ns=(0, 0))
        while follower.poll().summary.sources:
            pass
        before = (tmp_path / "home" / "telemetry.duckdb.wal").stat().st_size
        for _ in range(3):
            follower.jobs(waiting_s=2)
        assert (tmp_path / "home" / "telemetry.duckdb.wal").stat().st_size == before


def test_a_file_that_cannot_be_read_keeps_no_other_back(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    log.with_name("b.log.gz").write_bytes(gzip.compress(cri(2))[:-3])
    with following(tmp_path, log.parent) as follower:
        follower.jobs()
        assert follower.jobs(waiting_s=2) == jobs(1)
        assert len(follower.poll().failures) == 1
        log.with_name("b.log.gz").unlink()
        follower.poll()
        assert follower.poll().failures == ()


def test_a_name_with_the_letters_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    strange = tmp_path / "a[1].log"
    strange.write_bytes(cri(1))
    assert [one.path for one in Finder([str(strange)]).find({}).files.values()] == [str(strange)]


def test_two_links_to_a_file_are_one_file(tmp_path: Path, log: Path) -> None:
    append(log, cri(1))
    os.link(log, log.with_name("b.log"))
    log.with_name("c.log").symlink_to(log)
    log.with_name("round").symlink_to("round")
    os.mkfifo(log.with_name("fifo"))
    with following(tmp_path, log.parent) as follower:
        assert follower.jobs() == jobs(1)
        append(log, cri(2))
        assert stored_jobs(follower.store) == jobs(1)
        assert follower.jobs() == jobs(1, 2)


def test_a_large_file_written_anew_is_stored_with_a_small_one(tmp_path: Path, log: Path) -> None:
    """Little is new by its size; read anew it fills more than one transaction of its own."""
    lines = "".join(RECORD % f"job-{number:07}" + "\n" for number in range(270_000))
    other = log.with_name("b.log")
    log.write_text(lines)
    other.write_bytes(b"-\n")
    with following(tmp_path, log.parent) as follower:
        while follower.poll().is_behind:
            pass
        log.write_text(lines.replace("job-0", "job-9"))
        append(other, cri(1))
        while follower.poll().is_behind:
            pass
        with follower.store.cursor() as cursor:
            counts = cursor.execute("SELECT count(*), count(DISTINCT job_id) FROM telemetry").fetchall()
    assert counts == [(540_001, 540_001)]


def test_a_line_longer_than_a_turn_comes_to_its_end(tmp_path: Path, log: Path) -> None:
    log.write_bytes(b"x" * (MOST_AT_ONCE + (1 << 20)))
    with following(tmp_path, log) as follower:
        assert follower.poll().is_behind
        assert not follower.poll().is_behind
        append(log, b"\n" + cri(1))
        assert follower.jobs() == jobs(1)


def test_a_pass_that_takes_long_looks_again_before_it_goes_on(tmp_path: Path, log: Path) -> None:
    """What waits is held: it may lose its name, and is read all the same."""
    large = 30 * (b"x" * 100_000 + b"\n")
    for number in range(4):
        append(log.with_name(f"{number}.log"), cri(number) + large)
    with following(tmp_path, log.parent) as follower:
        follower.seconds_a_look = 1.0  # each time that the clock is asked
        assert follower.poll().is_behind
        assert stored_jobs(follower.store) == jobs(0)
        log.with_name("1.log").unlink()
        append(log, cri(4))
        while follower.poll().is_behind:
            pass
        assert stored_jobs(follower.store) == jobs(0, 1, 2, 3, 4)
