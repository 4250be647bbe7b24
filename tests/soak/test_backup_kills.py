"""Backups and restores killed at random moments: what has its name is whole, and the next one clears away."""

import random
import time
from pathlib import Path

import pytest

from dashboard.backup.checking import check_backup
from gates.controls.reader import ControlFile
from gates.home import Home
from ingest.progress import silent
from tests.dashboard.backup.homes import add_lines, full_home, jobs_of
from tests.warm.commands import run, start

KILLS, LINES = 60, 20_000


def killed_within(seconds: float, folder: Path, *words: str | Path) -> None:
    """Start the command, and kill it at some moment of its first `seconds`."""
    with start(folder, *words) as process:
        time.sleep(random.uniform(0, seconds))
        process.kill()


@pytest.mark.timeout(3_600)
def test_random_kills_leave_nothing_that_looks_like_one(tmp_path: Path) -> None:
    home = full_home(tmp_path)
    add_lines(home, LINES, first=10)
    (tmp_path / "disk").mkdir()
    begin = time.monotonic()
    made = run(tmp_path, "backup", tmp_path / "disk" / "first.tar.zst", "--home", home.root)
    took = time.monotonic() - begin
    assert made.returncode == 0, made.stderr
    whole = 0
    for number in range(KILLS):
        target = tmp_path / "disk" / f"{number}.tar.zst"
        killed_within(took, tmp_path, "backup", target, "--home", home.root)
        if target.exists():
            assert check_backup(target, silent).wrong == ()
            whole += 1
    assert run(tmp_path, "backup", tmp_path / "disk" / "last", "--home", home.root).returncode == 0
    assert not [path for path in (tmp_path / "disk").iterdir() if path.name.startswith(".")]
    restored = 0
    for number in range(KILLS):
        root = tmp_path / "homes" / str(number)
        killed_within(took, tmp_path, "restore", tmp_path / "disk" / "first.tar.zst", "--home", root)
        if root.exists():
            assert ControlFile(Home(root).control_file).current().killed
            restored += 1
    last = tmp_path / "homes" / "last"
    assert run(tmp_path, "restore", tmp_path / "disk" / "last", "--home", last).returncode == 0
    assert not [path for path in (tmp_path / "homes").iterdir() if path.name.startswith(".")]
    assert jobs_of(Home(last)) == LINES + 10
    print(
        f"\n{KILLS} backups killed, {whole} came to their end before; {KILLS} restores killed, {restored} did"
    )
