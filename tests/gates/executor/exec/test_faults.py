"""Whatever is wrong with the home, the command runs, its stderr passes, and what is lost is said once."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gates.executor.exec.spool_file import SpoolFile
from ingest.runs.lines import read_run
from tests.gates.executor.builders import controls, environment, spec_bytes
from tests.gates.executor.exec.commands import (
    LINE,
    messages,
    publish,
    runs,
    spooled,
    start,
    under,
    until,
    words,
)

SCRIPT = f"echo '{LINE}' >&2; echo kill=$SLOTGEN_AI_KILL; exit 6"


def kept(home: Path) -> Path:
    """The kept reading, once the control file is old enough that its times tell when it changed."""
    reading = home / "exec" / "reading"
    until(lambda: under(home, "true").returncode == 0 and reading.exists())
    return reading


def on_a_full_disk(home: Path, script: str) -> "subprocess.CompletedProcess[bytes]":
    """No file may grow: for us and for the command alike, as on a disk without space."""
    command = f"ulimit -f 0; exec {shlex.join(words(home, 'sh', '-c', script))}"
    return subprocess.run(
        ["bash", "-c", command], env=environment(), capture_output=True, timeout=30, check=False
    )


class TestFullDisk:
    def test_without_a_file_for_the_allowlist_the_command_runs_killed(self, home: Path) -> None:
        ended = on_a_full_disk(home, SCRIPT)
        assert (ended.returncode, ended.stdout) == (6, b"kill=true\n")
        said, line, lost = ended.stderr.decode().splitlines()
        assert "the allowlist cannot be put into" in said
        assert line == LINE
        assert f"{len(LINE) + 1} bytes of stderr were passed on but not captured: file too large" in lost

    def test_with_one_it_runs_as_the_controls_say(self, home: Path) -> None:
        under(home, "true")
        before = runs(home)
        ended = on_a_full_disk(home, SCRIPT)
        assert (ended.returncode, ended.stdout) == (6, b"kill=false\n")
        line, lost = ended.stderr.decode().splitlines()
        assert line == LINE
        assert "not captured" in lost
        assert runs(home) == before

    def test_a_kill_needs_no_space(self, home: Path) -> None:
        publish(home, kill=True)
        ended = on_a_full_disk(home, "echo kill=$SLOTGEN_AI_KILL; test -c $SLOTGEN_ALLOWLIST_PATH")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"kill=true\n", ended.stderr)
        assert b"the command runs with" not in ended.stderr  # it is what the controls say

    def test_stderr_goes_on_after_space_came_back(self, home: Path) -> None:
        folder = home / "spool"
        spool = SpoolFile(str(folder), "exec")
        spool.write(b"whole\nhal")
        size = (folder / "exec-exec-000.log").stat().st_size
        import resource

        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, limits[1]))
        try:
            spool.write(b"f a line\nlost\n")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        spool.write(b"after\n")
        assert (spool.lost_bytes, spool.trouble) == (14, "file too large")
        assert spooled(home).splitlines()[-1].endswith(b" stderr F after")
        assert spooled(home).splitlines()[0].endswith(b" stderr F whole")


@pytest.mark.parametrize("broken", ["spool", "runs", "specs", "exec"])
def test_a_folder_that_is_none(home: Path, broken: str) -> None:
    (home / broken).write_text("in the way")
    ended = under(home, "sh", "-c", SCRIPT)
    assert ended.returncode == 6
    assert LINE in ended.stderr.decode()
    assert (b"kill=true" in ended.stdout) is (broken == "exec")
    assert len([line for line in ended.stderr.splitlines() if line.startswith(b"slotgate exec: ")]) == (
        0 if broken == "specs" else 1
    )


@pytest.mark.parametrize("tampered", ["garbage", "other flags", "writable by others", "a link", "an old key"])
def test_a_kept_reading_that_is_not_ours_is_not_believed(home: Path, tampered: str) -> None:
    reading = kept(home)
    publish(home, kill=True) if tampered == "an old key" else None
    content = reading.read_text()
    if tampered == "garbage":
        reading.write_bytes(b"\xff" + os.urandom(100))
    elif tampered == "other flags":
        reading.write_text(content.replace("\n100\n", "\n100\n7\n"))
    elif tampered == "writable by others":
        reading.chmod(0o666)
    elif tampered == "a link":
        reading.rename(home / "elsewhere")
        reading.symlink_to(home / "elsewhere")
    ended = under(home, "sh", "-c", "echo $SLOTGEN_AI_KILL")
    assert ended.stdout == (b"true\n" if tampered == "an old key" else b"false\n")
    assert ended.stderr == b""


def test_an_allowlist_file_that_somebody_changed_is_not_given_out(home: Path) -> None:
    kept(home)
    [path] = (home / "exec").glob("revision-7*")
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "rules": document["rules"] * 2}))
    shown = under(home, "sh", "-c", 'cat "$SLOTGEN_ALLOWLIST_PATH"').stdout
    assert json.loads(shown) == document


def test_a_result_that_does_not_get_out_is_no_success(home: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            words(home, "echo", "hello"), stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert ended.returncode == 1
    assert b"stdout could not be written: no space left on device" in ended.stderr


def test_a_hundred_megabytes_of_stderr(home: Path, tmp_path: Path) -> None:
    write = (
        "import os\nline = b'x' * 99 + b'\\n'\n"
        "for _ in range(1000):\n  data = line * 1000\n  while data: data = data[os.write(2, data):]\n"
    )
    with (tmp_path / "stderr").open("wb") as file:
        command = words(home, sys.executable, "-c", write)
        subprocess.run(command, stderr=file, env=environment(), check=True, timeout=100)
    assert (tmp_path / "stderr").stat().st_size == 100_000_000
    assert messages(spooled(home)) == (tmp_path / "stderr").read_bytes()


def test_streams_do_not_hold_back_each_other(home: Path) -> None:
    """Nobody reads stdout, and stderr goes on all the same."""
    script = "(head -c 3000000 /dev/zero &) ; i=0; while [ $i -lt 50 ]; do echo line >&2; i=$((i+1)); done"
    with start(home, "sh", "-c", script) as process:
        assert process.stderr is not None
        for _ in range(50):
            assert process.stderr.readline() == b"line\n"
        assert process.stdout is not None
        assert len(process.stdout.read()) == 3_000_000


def test_a_run_whose_line_nobody_gets_is_recorded_as_silent(home: Path) -> None:
    run = shlex.join([words(home, "x")[0], "run", "--home", str(home)])
    (home / "controls" / "control.json").write_text(json.dumps(controls(kill=True)))
    ended = subprocess.run(
        ["sh", "-c", f"{run} 2>&-"], input=spec_bytes(), env=environment(), capture_output=True, check=False
    )
    assert ended.returncode == 1
    [record] = runs(home)
    assert (record["source"], record["spool"], record["spec"]["jobId"]) == ("run", None, "job-00000")
    assert read_run(json.dumps(record).encode()) is not None
    under(home, "sh", "-c", SCRIPT)
    assert all(read_run(json.dumps(one).encode()) is not None for one in runs(home))
