"""`slotgate ingest load` and `slotgate report` as processes: exit codes, homes, and what is left behind."""

import array
import fcntl
import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.store import TelemetryStore
from tests.ingest.stored import DATA, RECORD, cri, record, stored_jobs
from tests.warm import commands

SLOTGATE = (sys.executable, "-c", "import sys; from dashboard.cli import main; sys.exit(main())")
CAPTURE, HISTORY = DATA / "executor-a.cri.log", DATA / "executor-a.controls.jsonl"


def slotgate(
    *words: str | Path, cwd: Path, stdin: bytes = b"", environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return commands.run(cwd, *words, stdin=stdin, environ=commands.environment(**(environ or {})))


def afresh(
    *words: str | Path,
    cwd: Path,
    environ: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """For what the interpreter reads when it starts, and limits of a process."""
    bare = {key: value for key, value in os.environ.items() if not key.startswith("SLOTGATE")}
    return subprocess.run(
        [*SLOTGATE, *map(str, words)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env=bare | {"PYTHONPATH": str(Path(__file__).parents[3])} | (environ or {}),
        capture_output=True,
        preexec_fn=before,
        check=False,
    )


def document(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_rollups_are_counted_anew_also_of_an_empty_home(tmp_path: Path) -> None:
    assert document(slotgate("ingest", "rebuild", "--json", cwd=tmp_path)) == {"records": 0}
    assert not (tmp_path / ".slotgate").exists()
    assert slotgate("ingest", "load", CAPTURE, cwd=tmp_path).returncode == 0
    said = slotgate("ingest", "rebuild", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (0, b"266 records counted into the rollups\n")


def test_a_home_that_does_not_exist_is_made_private(tmp_path: Path) -> None:
    found = document(slotgate("ingest", "load", CAPTURE, "--controls", HISTORY, "--json", cwd=tmp_path))
    assert found["records"] == {"accepted": 266, "duplicate": 0, "quarantined": 0}
    assert (found["lines"], found["balanced"]) == (343, True)
    assert found["lines"] == found["record_lines"] + found["noise_lines"] + found["joined_pieces"]
    home = tmp_path / ".slotgate"
    assert home.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in home.rglob("*")} == {0o600}
    report = document(slotgate("report", "--json", cwd=tmp_path))
    assert (report["totals"]["lines"], len(report["steps"])) == (266, 8)


def test_the_home_is_the_one_named_or_set_or_the_nearest_above(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "a" / ".slotgate").mkdir()
    assert slotgate("ingest", "load", CAPTURE, cwd=below).returncode == 0
    assert (tmp_path / "a" / ".slotgate" / "telemetry.duckdb").exists()
    environ = {"SLOTGATE_HOME": str(tmp_path / "set")}
    assert slotgate("ingest", "load", CAPTURE, cwd=below, environ=environ).returncode == 0
    assert (tmp_path / "set" / "telemetry.duckdb").exists()
    named = slotgate("ingest", "load", CAPTURE, "--home", "named", cwd=below, environ=environ)
    assert named.returncode == 0
    assert (below / "named" / "telemetry.duckdb").exists()
    assert slotgate("report", cwd=below, environ={"SLOTGATE_HOME": ""}).returncode == 4


def test_a_report_of_nothing_is_empty_and_makes_nothing(tmp_path: Path) -> None:
    found = document(slotgate("report", "--json", cwd=tmp_path))
    assert found["totals"]["lines"] == 0
    assert found["steps"] == []
    assert b"no lines" in slotgate("report", cwd=tmp_path).stdout
    assert list(tmp_path.iterdir()) == []


def test_a_report_writes_nothing(tmp_path: Path) -> None:
    slotgate("ingest", "load", CAPTURE, cwd=tmp_path)
    store = tmp_path / ".slotgate" / "telemetry.duckdb"
    before = store.read_bytes()
    assert slotgate("report", cwd=tmp_path).returncode == 0
    assert store.read_bytes() == before
    assert [path.name for path in store.parent.iterdir()] == ["telemetry.duckdb"]


def test_the_summary_and_the_report_say_it_in_words(tmp_path: Path) -> None:
    done = slotgate("ingest", "load", CAPTURE, "--controls", HISTORY, cwd=tmp_path)
    words = done.stdout.decode()
    assert "343 = 266 with records + 71 noise + 6 further pieces of joined lines" in words
    assert "266 = 266 accepted + 0 duplicate + 0 quarantined" in words
    assert words.endswith("balanced\n")
    assert "nothing was added" in slotgate("ingest", "load", CAPTURE, cwd=tmp_path).stdout.decode()
    report = slotgate("report", cwd=tmp_path).stdout.decode()
    assert "canary-1 (stage 1), 2026-11-21T02:23:20.071384Z to 2026-11-21T02:24:04.408132Z" in report
    only = slotgate("report", "--step", "canary-1", "--since", "2026-11-21T02:23:00Z", cwd=tmp_path)
    assert only.stdout.decode().count("(stage ") == 1


def test_standard_input_is_known_again_by_its_content(tmp_path: Path) -> None:
    for accepted, text in ((3, cri(1, 2, 3)), (0, cri(1, 2, 3)), (2, cri(1, 2, 3, 4, 5)), (0, cri(1, 2))):
        done = slotgate("ingest", "load", "-", "--json", cwd=tmp_path, stdin=gzip.compress(text))
        assert document(done)["records"]["accepted"] == accepted


def test_a_telemetry_file_is_compacted(tmp_path: Path) -> None:
    assert slotgate("ingest", "compact", cwd=tmp_path).stdout == b"there is no telemetry file yet\n"
    assert not (tmp_path / ".slotgate").exists()
    slotgate("ingest", "load", CAPTURE, cwd=tmp_path)
    file = tmp_path / ".slotgate" / "telemetry.duckdb"
    before = file.stat().st_size
    said = document(slotgate("ingest", "compact", "--json", cwd=tmp_path))
    assert (said["bytes"]["before"], said["rows"] > 266) == (before, True)
    assert slotgate("ingest", "compact", cwd=tmp_path).stdout.endswith(b"rows, all read again\n")
    assert document(slotgate("ingest", "load", CAPTURE, "--json", cwd=tmp_path))["records"]["accepted"] == 0


def test_ctrl_c_keeps_what_came_through_a_pipe(tmp_path: Path) -> None:
    """The pipe stays open: the load waits for more, as behind `kubectl logs --follow`."""
    with commands.start(tmp_path, "ingest", "load", "-", "--home", "h") as process:
        process.stdin.write(cri(1, 2).decode() + "begun")
        process.stdin.flush()
        while _unread(process.stdin.fileno()):
            time.sleep(0.01)
        # Wherever it is by now, on its way to what it does with these lines or behind it.
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    with TelemetryStore.open(tmp_path / "h" / "telemetry.duckdb") as store:
        assert stored_jobs(store) == ["job-1", "job-2"]
    done = slotgate("ingest", "load", "-", "--home", "h", "--json", cwd=tmp_path, stdin=cri(1, 2, 3))
    assert document(done)["records"] == {"accepted": 1, "duplicate": 2, "quarantined": 0}


def test_a_second_ctrl_c_ends_a_load_that_does_not_get_to_its_pipe(tmp_path: Path) -> None:
    """Of two sources the first, a FIFO that nobody writes to, is waited for outside of any read of stdin."""
    os.mkfifo(tmp_path / "never")
    with commands.start(tmp_path, "ingest", "load", "-", "never", "--home", "h") as process:
        process.stdin.write(cri(1).decode())
        process.stdin.close()
        while not (tmp_path / "h" / "telemetry.duckdb").exists():
            time.sleep(0.01)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert process.wait() == 130


def _unread(pipe: int) -> int:
    waiting = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return waiting[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["load", "missing.log"], 4, "`missing.log` is not there"),
        (["load", "good.log", "--controls", "bad.jsonl"], 3, "nothing was loaded"),
        (["load", "good.log", "--controls", "missing.jsonl"], 3, "cannot be read"),
        (["load"], 2, "required"),
        (["load", "good.log", "cut.gz"], 4, "load it again when it is whole"),
    ],
)
def test_what_goes_wrong_is_said_with_its_exit_code(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "good.log").write_bytes(cri(1))
    (tmp_path / "bad.jsonl").write_text('{"at":"never"}\n')
    (tmp_path / "cut.gz").write_bytes(gzip.compress(cri(2))[:-4])
    done = slotgate("ingest", *words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert (tmp_path / ".slotgate").exists() == ("cut.gz" in words)


def test_a_store_in_use_damaged_or_newer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    store = tmp_path / ".slotgate" / "telemetry.duckdb"
    commands = (("ingest", "load", CAPTURE), ("report",))
    with TelemetryStore.open(store):
        for words in commands:
            done = slotgate(*words, cwd=tmp_path)
            assert (done.returncode, b"in use by another process" in done.stderr) == (4, True)
    whole = store.read_bytes()
    with duckdb.connect(store) as connection:
        connection.execute("INSERT INTO migration VALUES (999, 'later', now())")
    for words in commands:
        done = slotgate(*words, cwd=tmp_path)
        assert (done.returncode, b"update slotgate" in done.stderr) == (4, True)
    headers = 3 * 4096
    cut = whole[: headers + 1_000]
    overwritten = whole[:headers] + os.urandom(len(whole) - headers)
    of_another_database = b"SQLite format 3\0" + bytes(5_000)
    for damaged in (os.urandom(50_000), cut, overwritten, of_another_database):
        store.write_bytes(damaged)
        done = slotgate("report", cwd=tmp_path)
        assert (done.returncode, b"`slotgate ingest mend`" in done.stderr) == (4, True), done.stderr
        assert b"Traceback" not in done.stderr
        assert b"download" not in done.stderr
    shutil.rmtree(store.parent)
    store.parent.write_text("a file where the home should be")
    for words in commands:
        done = slotgate(*words, cwd=tmp_path)
        assert (done.returncode, b"Traceback" in done.stderr) == (4, False)


def test_a_home_that_cannot_be_looked_into_is_refused(tmp_path: Path) -> None:
    for words in (("ingest", "load", CAPTURE), ("report",)):
        done = slotgate(*words, "--home", "h" * 300, cwd=tmp_path)
        assert done.returncode == 4
        assert b"file name too long; make" in done.stderr
        assert b"Traceback" not in done.stderr


def test_a_full_disk_loses_nothing_that_was_there(tmp_path: Path) -> None:
    """A limit on the size of files is what a full disk is to the one who writes."""
    (tmp_path / "small.log").write_bytes(cri(1, 2))
    jobs = 150_000
    (tmp_path / "large.log").write_text("".join(record(number) + "\n" for number in range(jobs)))
    slotgate("ingest", "load", "small.log", cwd=tmp_path)
    bound = 3 << 20
    done = afresh(
        "ingest",
        "load",
        "large.log",
        cwd=tmp_path,
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bound, bound)),
    )
    assert (done.returncode, b"full" in done.stderr) == (4, True)
    found = document(slotgate("ingest", "load", "small.log", "large.log", "--json", cwd=tmp_path))
    assert (found["balanced"], found["records"]["accepted"] + found["records"]["duplicate"]) == (
        True,
        jobs + 2,
    )
    with TelemetryStore.open_for_reading(tmp_path / ".slotgate" / "telemetry.duckdb") as store:
        found_jobs = stored_jobs(store)
        assert (len(set(found_jobs)), len(found_jobs)) == (jobs, jobs + 2)


def test_text_from_logs_cannot_command_a_terminal(tmp_path: Path) -> None:
    code = RECORD.replace("KILL_SWITCH", "\\u001b[2J\\u009b1m") % "x"
    name = os.fsdecode(b"\xff.log")
    (tmp_path / name).write_text(code + "\n")
    for command, environ in ((slotgate, {}), (afresh, {"PYTHONIOENCODING": "ascii"})):
        loaded = command("ingest", "load", name, cwd=tmp_path, environ=environ)
        assert loaded.returncode == 0
        report = command("report", cwd=tmp_path, environ=environ)
        assert (report.returncode, b"\x1b" in report.stdout) == (0, False)
        assert b"\\x1b[2J" in report.stdout
    assert document(slotgate("ingest", "load", name, "--json", cwd=tmp_path))["lines"] == 1


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    slotgate("ingest", "load", CAPTURE, cwd=tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*SLOTGATE, "report"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
