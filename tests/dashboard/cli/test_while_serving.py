"""The telemetry commands go on while `slotgate serve` owns the file, and after it was killed."""

import json
import os
import signal
import stat
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.record import DATA
from tests.dashboard.server.processes import started
from tests.warm import commands


def slotgate(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return commands.run(folder, *words, "--home", "home", stdin=stdin)


def lately(name: str) -> str:
    """A capture as if it were of the hour before this one: what jobs are seen depends on that."""
    hour = datetime.now(UTC) - timedelta(hours=1)
    return (DATA / name).read_text(encoding="utf-8").replace("2026-11-21T02:", f"{hour:%Y-%m-%dT%H}:")


def document(done: subprocess.CompletedProcess[bytes], code: int = 0) -> Any:
    assert done.returncode == code, done.stderr.decode()
    return json.loads(done.stdout)


def ended_by_ctrl_c(folder: Path) -> tuple[int, str]:
    """How a load by the server from a pipe that never ends answers to Ctrl-C, and what it says."""
    pipe = folder / "endless"
    os.mkfifo(pipe)
    began = threading.Event()

    def feed() -> None:
        with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as endless:
            while True:
                endless.write(b"nothing of ours\n")
                began.set()

    feeding = threading.Thread(target=feed)
    feeding.start()
    with commands.start(folder, "ingest", "load", str(pipe), "--home", "home") as process:
        assert began.wait(60)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    feeding.join()
    return process.returncode, said


@pytest.mark.timeout(300)
def test_commands_ask_the_server_that_owns_the_file(tmp_path: Path) -> None:
    assert slotgate(tmp_path, "init", "--operator", "alice").returncode == 0
    with started(tmp_path, "serve", "--home", "home") as served:
        served.wait_until_ready()
        announced = tmp_path / "home" / "serving.json"
        assert stat.S_IMODE(announced.stat().st_mode) == 0o600
        (tmp_path / "captured.log").write_text(lately("executor-a.cri.log"), encoding="utf-8")
        loaded = document(slotgate(tmp_path, "ingest", "load", "captured.log", "--json"))
        assert (loaded["balanced"], loaded["records"]["accepted"] > 0) == (True, True)
        lines = (tmp_path / "captured.log").read_bytes().splitlines(keepends=True)[:20]
        piped = slotgate(tmp_path, "ingest", "load", "-", "--json", stdin=b"".join(lines))
        assert document(piped)["lines"] == 20
        report = document(slotgate(tmp_path, "report", "--json"))
        assert report["totals"]["lines"] >= loaded["records"]["accepted"]

        first = slotgate(tmp_path, "review", "--json")
        assert json.loads(first.stdout)["sentence"].startswith("KILLED: ")
        assert document(first, 13)["readiness"] == "NOT_ENOUGH"
        probed = document(slotgate(tmp_path, "probe", "--count", "20", "--json"))
        assert (len(probed["probes"]), probed["verification"]) == (20, "PASSED")
        review = document(slotgate(tmp_path, "review", "--freeze", "--json"), 13)
        assert (review["verdict"], review["readiness"]) == ("KILLED", "PASSED")
        assert review["kill"]["state"] == "CONFIRMED"
        assert review["gaps"] == []
        frozen = slotgate(tmp_path, "review", "--show", review["frozen"])
        assert json.loads(json.loads(frozen.stdout)["document"])["verdict"]["word"] == "KILLED"
        preview = document(slotgate(tmp_path, "preview", "--percent", "5", "--json"))
        assert (preview["unseen"], preview["seen"] > 0) == (None, True)
        audit = slotgate(tmp_path, "gate-audit", "--json")
        assert b"in use" not in audit.stderr

        compacted = document(slotgate(tmp_path, "ingest", "compact", "--json"))
        assert compacted["rows"] > report["totals"]["lines"]
        assert document(slotgate(tmp_path, "ingest", "rebuild", "--json"))["records"] > 0
        assert document(slotgate(tmp_path, "probe", "--count", "1", "--json"))["verification"] == "PASSED"

        assert ended_by_ctrl_c(tmp_path) == (
            130,
            "slotgate: stopped: what was stored stands; load the same again, and it goes on from there\n",
        )

        refused = slotgate(tmp_path, "ingest", "load", "gone.log")
        assert (refused.returncode, b"`gone.log` is not there" in refused.stderr) == (4, True)
        for file in (tmp_path / "home").rglob("*"):
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file

        served.stop(signal.SIGKILL)
        assert announced.exists()
    again = document(slotgate(tmp_path, "report", "--json"))
    assert again["totals"]["lines"] == report["totals"]["lines"] + 21


@pytest.mark.timeout(200)
def test_the_announcement_goes_with_the_server(tmp_path: Path) -> None:
    with started(tmp_path, "serve", "--home", "home") as served:
        served.wait_until_ready()
        assert (tmp_path / "home" / "serving.json").exists()
        served.stop(signal.SIGTERM)
    assert not (tmp_path / "home" / "serving.json").exists()


def test_a_killed_home_without_readable_telemetry_says_both(tmp_path: Path) -> None:
    assert slotgate(tmp_path, "init", "--operator", "alice").returncode == 0
    (tmp_path / "home" / "telemetry.duckdb").write_bytes(b"no database" * 100)
    said = slotgate(tmp_path, "review")
    assert said.returncode == 13
    text = said.stdout.decode()
    assert text.startswith("KILLED: the telemetry could not be read, so nothing confirms the kill")
    assert "every job gets a stub" in text
    assert "Traceback" not in said.stderr.decode()
