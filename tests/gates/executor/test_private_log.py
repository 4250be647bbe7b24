import json
import os
from pathlib import Path

import pytest

from gates.executor.fake import HeldClock
from gates.executor.private_log import PrivateLog

CLOCK = HeldClock(1_000_000_000)


def test_an_entry_is_a_line_of_json_with_the_time(tmp_path: Path) -> None:
    log = PrivateLog(tmp_path / "log", CLOCK)
    log.record({"event": "call", "reason": "ä\n"})
    log.record({"event": "call", "reason": None})
    first, second = (tmp_path / "log" / "executor.log").read_bytes().splitlines()
    assert json.loads(first) == {
        "at": "1970-01-01T00:00:01.000Z",
        "pid": os.getpid(),
        "event": "call",
        "reason": "ä\n",
    }
    assert json.loads(second)["reason"] is None


def test_one_older_file_is_kept(tmp_path: Path) -> None:
    log = PrivateLog(tmp_path, CLOCK, rotate_at=200)
    for number in range(18):
        log.record({"number": number})
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sizes.keys() == {"executor.log", "executor.log.1"}
    assert max(sizes.values()) < 300


@pytest.mark.parametrize("obstacle", ["no home", "file for folder", "folder for file", "fifo", "symlink"])
def test_whatever_is_in_the_way_is_ignored(tmp_path: Path, obstacle: str) -> None:
    folder = tmp_path / "log"
    secret = tmp_path / "secret"
    match obstacle:
        case "no home":
            folder = tmp_path / "none" / "log"
        case "file for folder":
            folder.write_text("")
        case "folder for file":
            (folder / "executor.log").mkdir(parents=True)
        case "fifo":
            folder.mkdir()
            os.mkfifo(folder / "executor.log")
        case _:
            folder.mkdir()
            (folder / "executor.log").symlink_to(secret)
    PrivateLog(folder, CLOCK).record({"event": "call"})
    assert not secret.exists()
    assert not (tmp_path / "none").exists()


def test_what_is_not_json_is_ignored(tmp_path: Path) -> None:
    PrivateLog(tmp_path, CLOCK).record({"event": object()})
    assert list(tmp_path.iterdir()) == []
