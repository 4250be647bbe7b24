"""A home that is served while lines come and rotate: server or `backup` killed at random moments.

And restores in the place of an old home. After each kill the source is whole, nothing half has the name of a
backup or a home, and what was restored is stopped and goes on with every line once.
"""

import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dashboard.backup.checking import check_backup
from gates.home import Home
from ingest.progress import silent
from tests.dashboard.backup.homes import add_lines, full_home
from tests.dashboard.server.processes import Served, started, wait_for_two_more_passes
from tests.ingest.follow.killing import Writer
from tests.soak.whole_homes import assert_goes_on, assert_whole, digests, held_jobs, load, spooled_jobs
from tests.warm.commands import run, start

KILLS, LINES_A_WRITE = 60, 15
RESTORED = 0.4
"""The part of the whole backups that a home is made of."""
FOLLOWED_FROM = 10**7
"""The jobs of followed logs; those of the spool begin at 0."""
PLACE_TAKEN = 5


class Spooling(Writer):
    """Writes into a spool, as jobs do: a file grows, line by line, and is left for another."""

    def _rotate(self) -> None:
        self._log = self._log.with_name(f"run-{self.written}.log")


@dataclass
class Tally:
    """How many servers were killed, how many backups came to their end all the same, and homes of those."""

    servers: int = 0
    whole: int = 0
    restored: list[Home] = field(default_factory=list)


@pytest.mark.timeout(3_600)
def test_a_served_home_and_its_backups(tmp_path: Path) -> None:
    home, disk, logs = full_home(tmp_path), tmp_path / "disk", tmp_path / "logs"
    for folder in (disk, logs):
        folder.mkdir()
    draw, tally = random.Random(KILLS), Tally()
    spooling = Spooling(home.spool / "run.log", KILLS, LINES_A_WRITE, first=10)
    followed = Writer(logs / "app.log", KILLS, LINES_A_WRITE, first=FOLLOWED_FROM)
    with ExitStack() as serves:
        try:
            served = serves.enter_context(serving(tmp_path, home, logs))
            took = seconds_of(tmp_path, disk / "first", home)
            for number in range(KILLS):
                target = disk / f"{number}{draw.choice(['', '.tar.zst'])}"
                before = spooling.written
                if killed_during(tmp_path, target, home, served, draw, took):
                    tally.servers += 1
                    assert_whole(home)
                    served = serves.enter_context(serving(tmp_path, home, logs))
                if target.exists():
                    tally.whole += 1
                    assert check_backup(target, silent).wrong == ()
                    if draw.random() < RESTORED:
                        tally.restored.append(restored(tmp_path, target, tmp_path / f"new-{number}"))
                        assert spooled_jobs(tally.restored[-1]) >= {f"job-{job}" for job in range(before)}
                        assert_goes_on(tally.restored[-1])
        finally:
            jobs = {*range(spooling.stop()), *range(FOLLOWED_FROM, followed.stop())}
        for _ in range(2):
            wait_for_two_more_passes(served)
            time.sleep(1.5)  # what was compressed just now is left alone for a second
        assert served.stop()[0] == 0
    assert held_jobs(home) == sorted(f"job-{job}" for job in jobs)
    assert run(tmp_path, "backup", disk / "last", "--home", home.root).returncode == 0
    assert not [path for path in disk.iterdir() if path.name.startswith(".")]
    assert min(tally.servers, KILLS - tally.servers, tally.whole, len(tally.restored)) > 0
    for one in tally.restored:
        load(one, [one.spool, logs])
        assert_whole(one)
        later = {f"job-{job}" for job in jobs if job >= FOLLOWED_FROM}
        assert later <= set(held_jobs(one)), "what was followed is followed on, however it was rotated since"
    print(
        f"\n{len(jobs):,} lines; {tally.servers} servers and {KILLS - tally.servers} backups killed;"
        f" {tally.whole} backups had come to their end, {len(tally.restored)} of them were restored and went"
        " on: none lost, none doubled"
    )


@contextmanager
def serving(folder: Path, home: Home, logs: Path) -> Iterator[Served]:
    """The home, served and ready, that follows `logs` beside its spool."""
    with started(folder, "serve", "--home", str(home.root), "--follow", str(logs)) as served:
        served.wait_until_ready()
        yield served


def restored(folder: Path, backup: Path, root: Path) -> Home:
    """The home `root`, made of `backup`."""
    done = run(folder, "restore", backup, "--home", root)
    assert done.returncode == 0, done.stderr
    return Home(root)


def seconds_of(folder: Path, target: Path, home: Home) -> float:
    """How long a backup takes that nobody kills."""
    begin = time.monotonic()
    made = run(folder, "backup", target, "--home", home.root)
    assert made.returncode == 0, made.stderr
    return time.monotonic() - begin


def killed_during(
    folder: Path, target: Path, home: Home, served: Served, draw: random.Random, took: float
) -> bool:
    """Begin a backup, and kill it or the server at some moment of it; whether it was the server."""
    with start(folder, "backup", target, "--home", home.root) as process:
        time.sleep(draw.uniform(0, 1.2 * took))
        is_server = draw.random() < 0.5
        if is_server:
            served.process.send_signal(signal.SIGKILL)
            served.process.wait()
        else:
            process.kill()
        process.wait()
    return is_server


@pytest.mark.timeout(3_600)
def test_a_restore_in_the_place_of_an_old_home(tmp_path: Path) -> None:
    old = full_home(tmp_path)
    add_lines(old, 20_000, first=10)
    backup, aside = tmp_path / "backup.tar.zst", tmp_path / "old"
    seconds_of(tmp_path, backup, old)
    told, draw, ended = digests(old.root), random.Random(KILLS), 0
    refused = run(tmp_path, "restore", backup, "--home", old.root)
    assert refused.returncode == PLACE_TAKEN, refused.stderr
    took = restored_in(tmp_path, backup)
    for _ in range(KILLS):
        if draw.random() < 0.2:
            kill_restore(tmp_path, backup, old, draw.uniform(0, took))
            assert digests(old.root) == told, "what is there is never touched"
        old.root.rename(aside)
        kill_restore(tmp_path, backup, old, draw.uniform(0, took))
        if old.root.exists():
            ended += 1
            assert_goes_on(old)
            shutil.rmtree(old.root)
        aside.rename(old.root)
        assert digests(old.root) == told
    old.root.rename(aside)
    assert_goes_on(restored(tmp_path, backup, old.root))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    print(f"\n{KILLS} restores killed, {ended} had come to their end")


def restored_in(folder: Path, backup: Path) -> float:
    """How long a restore takes that nobody kills."""
    begin = time.monotonic()
    shutil.rmtree(restored(folder, backup, folder / "first").root)
    return 1.2 * (time.monotonic() - begin)


def kill_restore(folder: Path, backup: Path, home: Home, seconds: float) -> None:
    """Begin a restore, and kill it after so long."""
    with start(folder, "restore", backup, "--home", home.root) as process:
        time.sleep(seconds)
        process.kill()
