"""Every failure of the control file: which way it fails, and that it recovers."""

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.controls.checked import LIMIT
from gates.controls.reader import ControlFile
from gates.decision import Denied
from tests.gates.controls.files import (
    answer,
    assert_admits,
    assert_unknown,
    encoded,
    full_disk,
    in_child,
    put,
    settle,
)
from tests.gates.decision.builders import controls

Spoil = Callable[[Path], object]


def content(data: bytes) -> Spoil:
    return lambda path: put(path, data)


def field(**changes: Any) -> Spoil:
    return content(encoded(**changes))


def instead(make: Spoil) -> Spoil:
    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def half_written(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(encoded()[: len(encoded()) // 2])


def sparse(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(LIMIT + 1)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def behind_a_file(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_bytes(b"")


GOOD = encoded()
FAILURES: list[tuple[str, Spoil, str]] = [
    ("deleted", Path.unlink, "missing"),
    ("empty", content(b""), "not JSON"),
    ("one byte", content(b"{"), "not JSON"),
    ("truncated", content(GOOD[:-1]), "not JSON"),
    ("half-written", half_written, "not JSON"),
    ("filled with NUL", content(bytes(len(GOOD))), "not JSON"),
    ("larger than any control file", sparse, "larger than"),
    ("unreadable: the disk fails", instead(lambda path: path.symlink_to("/proc/self/mem")), "input/output"),
    ("unreadable: behind a file", behind_a_file, "not a directory"),
    ("unreadable: name too long", instead(lambda path: path.symlink_to("x" * 300)), "too long"),
    ("directory", instead(Path.mkdir), "not a regular file"),
    ("FIFO", instead(os.mkfifo), "not a regular file"),
    ("socket", instead(listening), "not a regular file"),
    ("device", instead(lambda path: path.symlink_to("/dev/zero")), "not a regular file"),
    ("terminal", instead(lambda path: path.symlink_to("/dev/tty")), "not a regular file"),
    ("symlink to itself", instead(lambda path: path.symlink_to(path.name)), "too many levels"),
    ("dangling symlink", instead(lambda path: path.symlink_to("nowhere")), "missing"),
    ("deep JSON", content(b"[" * 200_000 + b"]" * 200_000), "nested too deeply"),
    ("deep JSON in a key", content(GOOD[:-1] + b',"x":' + b"[" * 900 + b"]" * 900 + b"}"), "not a controls"),
    ("trailing text", content(GOOD + b"{}"), "not JSON"),
    ("byte order mark", content(b"\xef\xbb\xbf" + GOOD), "not JSON"),
    ("UTF-16", content(GOOD.decode().encode("utf-16")), "not valid UTF-8"),
    ("invalid UTF-8", content(GOOD.replace(b"Biology", b"Biolog\xff")), "not valid UTF-8"),
    ("key twice", content(GOOD.replace(b'"kill": false', b'"kill": true, "kill": false')), "stands twice"),
    ("NaN", content(GOOD.replace(b'"percent": 100', b'"percent": NaN')), "not a JSON number"),
    ("out of range", content(GOOD.replace(b'"percent": 100', b'"percent": 1e999')), "out of range"),
    ("endless digits", content(GOOD.replace(b"100", b"1" * 5000)), "out of range"),
    ("null", content(b"null"), "not a controls.v1"),
    ("array", content(b"[]"), "not a controls.v1"),
    ("another document", content(json.dumps(controls()["allowlist"]).encode()), "not a controls.v1"),
    ("unknown key", field(note="x"), "not a controls.v1"),
    ("unknown version", field(version="controls.v2"), "not a controls.v1"),
    ("no such day", field(effectiveAt="2026-02-30T00:00:00Z"), "do not compile"),
    ("time without zone", field(validUntil="2026-02-03T00:00:00"), "not a controls.v1"),
    ("too old", field(validUntil="2026-01-02T00:00:00Z"), "too old"),
    *((f"{key} is {value!r}", field(**{key: value}), "not a controls.v1") for key, value in (
        ("kill", "false"), ("kill", "true"), ("kill", 0), ("kill", 1), ("kill", None), ("kill", []),
        ("feature", "true"), ("feature", 1), ("feature", None),
        ("percent", "100"), ("percent", 250), ("percent", -1), ("percent", 12.5), ("percent", None),
        ("percent", True), ("revision", -1), ("revision", "7"), ("revision", None), ("rolloutZero", "all"),
        ("allowlist", None), ("allowlist", []), ("stage", 5), ("step", "off-ladder"), ("environment", ""),
    )),
    *((f"without {key}", content(json.dumps({k: v for k, v in controls().items() if k != key}).encode()),
       "not a controls.v1") for key in controls()),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "reason"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
@pytest.mark.parametrize("settled", [False, True], ids=["fresh", "cached"])
def test_every_failure_denies_and_recovers(tmp_path: Path, spoil: Spoil, reason: str, settled: bool) -> None:
    path = tmp_path / "controls" / "control.json"
    path.parent.mkdir()
    put(path, GOOD)
    source = ControlFile(path)
    assert_admits(source)
    if settled:
        settle(path, source)

    spoil(path)
    assert reason in assert_unknown(source)
    assert reason in assert_unknown(source)
    assert str(path) in assert_unknown(source) or reason == "too old"

    if path.parent.is_file():
        path.parent.unlink()
        path.parent.mkdir()
    put(path, GOOD)
    assert_admits(source)


def test_a_file_that_never_was(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "control.json"
    source = ControlFile(path)
    assert "missing" in assert_unknown(source)
    path.parent.mkdir(parents=True)
    put(path, GOOD)
    assert_admits(source)


def test_a_path_that_no_system_call_takes() -> None:
    assert "not a usable path" in assert_unknown(ControlFile(Path("nul\0byte")))


def test_no_right_to_read(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, GOOD)
    source = ControlFile(path)
    path.chmod(0)

    def as_nobody() -> bool:
        if os.geteuid() == 0:
            os.chmod(tmp_path, 0o755)
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
        return "permission denied" in assert_unknown(source)

    assert in_child(as_nobody)
    path.chmod(stat.S_IRUSR)
    assert_admits(source)


def test_no_descriptor_left(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, GOOD)

    def starved() -> bool:
        import resource

        source = ControlFile(path)
        assert_admits(source)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        put_by_rename = tmp_path / "other.json"
        os.rename(put_by_rename, path)
        return "too many open files" in assert_unknown(source)

    put(tmp_path / "other.json", GOOD)
    assert in_child(starved)


def test_a_whole_number_may_be_written_as_one(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, GOOD.replace(b'"percent": 100', b'"percent": 100.0'))
    decision = answer(ControlFile(path))
    assert decision.percent == 100
    assert isinstance(decision.percent, int)


def rewrite_in_place(path: Path, data: bytes) -> None:
    """Same inode, same size, same modification time."""
    before = path.stat()
    assert before.st_size == len(data)
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_edit_in_place_with_its_time_restored(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(kill=False))
    source = ControlFile(path)
    settle(path, source)
    assert_admits(source)
    rewrite_in_place(path, encoded(kill=True).replace(b"true", b"true ", 1))
    assert answer(source).reason == "the kill switch is on"  # type: ignore[union-attr]
    rewrite_in_place(path, encoded(kill=False))
    assert_admits(source)


def test_a_replaced_inode_of_the_same_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(percent=100))
    source = ControlFile(path)
    settle(path, source)
    before = path.stat()
    other = tmp_path / "other.json"
    other.write_bytes(encoded(percent=143 - 100).ljust(before.st_size))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)
    assert answer(source).percent == 43


def test_no_edit_within_one_tick_of_the_clock_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(percent=10))
    source = ControlFile(path)
    for turn in range(500):
        percent = 10 + turn % 90
        with path.open("r+b") as file:
            file.write(encoded(percent=percent))
        assert answer(source).percent == percent


def test_no_rename_within_one_tick_of_the_clock_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    source = ControlFile(path)
    for turn in range(500):  # freed inode numbers come back
        percent = 10 + turn % 90
        put(path, encoded(percent=percent))
        assert answer(source).percent == percent


def test_a_file_from_the_future_is_still_read_on_every_decision(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(percent=10))
    future = time.time_ns() + 3_600_000_000_000
    os.utime(path, ns=(future, future))
    source = ControlFile(path)
    assert answer(source).percent == 10
    rewrite_in_place(path, encoded(percent=20))
    assert answer(source).percent == 20


def test_a_fork_after_first_use(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(percent=50))
    source = ControlFile(path)
    settle(path, source)
    assert_admits(source)

    def child() -> bool:
        assert_admits(source)
        put(path, encoded(kill=True))
        return answer(source).reason == "the kill switch is on"  # type: ignore[union-attr]

    assert in_child(child)
    assert answer(source).reason == "the kill switch is on"  # type: ignore[union-attr]


def test_threads_share_one_reader(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(percent=90))
    source = ControlFile(path)
    seen: set[int | str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            now = answer(source)
            if now.percent is not None:
                seen.add(now.percent)
            else:
                assert isinstance(now, Denied)
                seen.add(now.reason.rpartition(": ")[2])

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(200):
        put(path, encoded(percent=90 + turn % 10))
    done.set()
    for reader in readers:
        reader.join()
    # A file that is replaced faster than it can be read denies, for that reason alone, until it stands still.
    assert seen <= {*range(90, 100), "changes while it is read"}
    assert answer(source).percent == 99


def test_a_full_disk_leaves_the_reader_untouched(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, GOOD)
    source = ControlFile(path)
    with full_disk(0):
        assert_admits(source)


@pytest.mark.parametrize(
    ("now_ns", "gate"),
    [
        (1_767_225_599_999_999_999, "kill_switch"),
        (1_767_225_600_000_000_000, None),
        (1_767_229_200_000_000_000, "kill_switch"),
    ],
    ids=["before the release", "within", "ended"],
)
def test_time_limits_are_applied_at_the_time_of_the_decision(
    tmp_path: Path, now_ns: int, gate: str | None
) -> None:
    path = tmp_path / "control.json"
    put(path, encoded(breakGlassUntil="2026-01-01T01:00:00Z"))
    decision = answer(ControlFile(path, clock=lambda: now_ns))
    assert getattr(decision, "gate", None) == gate
    assert decision.break_glass
