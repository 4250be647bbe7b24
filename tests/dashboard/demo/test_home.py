"""The demo's folder: whose it is, who holds it, and what becomes of one that was left half made."""

import json
import os
import stat
import time
from functools import partial
from pathlib import Path

import pytest

from dashboard.demo.home import MADE_AS, MARKER, TOKENS, held, prepare
from dashboard.demo.past import back_fill
from dashboard.errors import DemoIsRunning, NotADemoHome
from tests.warm.commands import start

IN_A_HURRY = partial(back_fill, jobs_an_hour=1, story=())


def silent(_part: object) -> None:
    """Nobody listens."""


def make(root: Path) -> tuple[int, list[str]]:
    said: list[str] = []
    with held(root):
        return prepare(root, silent, said.append, IN_A_HURRY).jobs, said


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(NotADemoHome, match="--home"):
        make(tmp_path)
    (tmp_path / MARKER).write_text("{not json")
    with pytest.raises(NotADemoHome):
        make(tmp_path)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_finished_home_is_continued_as_it_is(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text(json.dumps({"demo": True, "made_as": MADE_AS, "finished": True}))
    (tmp_path / "spool").mkdir()
    assert make(tmp_path) == (0, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARKER, "spool"]


def test_two_demos_never_share_a_home(tmp_path: Path) -> None:
    with held(tmp_path / "home"), pytest.raises(DemoIsRunning, match="stop it"):
        make(tmp_path / "home")


def test_a_home_whose_making_was_killed_is_made_anew(tmp_path: Path) -> None:
    root = tmp_path / "home"
    with start(tmp_path, "demo", "--home", root, "--port", "0") as process:
        while not (root / "gate.db").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert (root / "gate.db").exists()
    assert not (root / TOKENS).exists()
    jobs, said = make(root)
    assert jobs > 0
    assert said == []
    assert sorted(path.name for path in (root / TOKENS).iterdir()) == ["alice", "bob", "founder"]
    for path in (root, root / TOKENS, *(root / TOKENS).iterdir(), root / MARKER):
        assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0


@pytest.mark.parametrize("left", [".demo.json", "demo.json"])
def test_a_start_that_was_killed_at_once_is_no_foreign_folder(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text(json.dumps({"demo": True, "made_as": MADE_AS, "finished": False}))
    assert make(tmp_path)[0] > 0


def test_a_demo_of_an_earlier_slotgate_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_text(json.dumps({"demo": True, "finished": True}))
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "control.json").write_text("{}")
    jobs, said = make(tmp_path)
    assert jobs > 0
    assert ["earlier slotgate" in words for words in said] == [True]
