"""`slotgate ingest follow` and `serve --follow`: new lines are in the store while they run."""

import json
import resource
import signal
import time
from pathlib import Path

from ingest.store import TelemetryStore
from tests.dashboard.server.processes import started
from tests.ingest.follow.following import jobs
from tests.ingest.stored import cri, stored_jobs
from tests.warm.commands import Command, run, start

PATIENCE_S = 60.0


def added(process: Command) -> object:
    """What the next pass that read something added."""
    line = process.stdout.readline()
    assert line, process.communicate()
    return json.loads(line)["added"]


def held(folder: Path) -> list[str]:
    with TelemetryStore.open_for_reading(folder / "home" / "telemetry.duckdb") as store:
        return stored_jobs(store)


def test_lines_are_told_as_they_come_and_kept_when_it_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with start(tmp_path, "ingest", "follow", "app.log", "--home", "home", "--json") as process:
        log.write_bytes(cri(1, 2))
        assert added(process) == {"lines": 2, "accepted": 2, "quarantined": 0, "noise_lines": 0}
        log.rename(tmp_path / "app.log.1")
        log.write_bytes(cri(3))
        assert added(process) == {"lines": 1, "accepted": 1, "quarantined": 0, "noise_lines": 0}
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert held(tmp_path) == ["job-1", "job-2", "job-3"]


def test_a_full_disk_is_said_once_and_waited_for(tmp_path: Path) -> None:
    """What is rotated away and removed meanwhile is read all the same."""
    log = tmp_path / "app.log"
    log.write_bytes(cri(1))
    with start(tmp_path, "ingest", "follow", "app.log", "--home", "home", "--json") as process:
        assert process.stdout.readline()
        # Whatever the store would write, from now on.
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
        with log.open("ab") as file:
            file.write(cri(*range(2, 2_000)))
        said = process.stderr.readline()
        assert "full; free some space, then try again; nothing is stored until then" in said
        log.rename(tmp_path / "app.log.1").unlink()
        log.write_bytes(cri(2_000))
        assert not json.loads(run(tmp_path, "report", "--home", "home", "--json").stdout)["gaps"]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))
        assert "lines are stored again, after " in process.stderr.readline()
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert (process.wait(), process.communicate()[1]) == (0, "")
    assert sorted(held(tmp_path)) == jobs(*range(1, 2_001))


def test_told_to_stop_while_nothing_can_be_stored_it_ends_as_its_last_pass_did(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(cri(1))
    with start(tmp_path, "ingest", "follow", "app.log", "--home", "home") as process:
        assert "following" in process.stdout.readline()
        assert "app.log: new" in process.stdout.readline()
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
        with log.open("ab") as file:
            file.write(cri(*range(2, 200)))
        assert "nothing is stored until then" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 4
        out, err = process.communicate()
    assert out == "1 line read, 1 accepted, 0 quarantined\n"
    assert "is read when it is started again" in err
    assert held(tmp_path) == ["job-1"]


def test_commands_ask_it_while_it_owns_the_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with start(tmp_path, "ingest", "follow", "app.log", "--home", "home", "--json") as process:
        log.write_bytes(cri(1, 2))
        assert added(process)
        done = run(tmp_path, "report", "--home", "home", "--json")
        assert sum(one["count"] for one in json.loads(done.stdout)["totals"]["by_outcome"]) == 2
        done = run(tmp_path, "backup", "backup", "--home", "home")
        assert (done.returncode, done.stderr) == (0, b"")
        with start(tmp_path, "ingest", "follow", "app.log", "--home", "home") as refused:
            assert refused.wait() == 4
        log.write_bytes(log.read_bytes() + cri(3))
        assert added(process)
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "home").iterdir()}
        assert "telemetry.duckdb.wal" in modes
        assert set(modes.values()) == {0}, modes
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert not (tmp_path / "home" / "serving.json").exists()
    with TelemetryStore.open_for_reading(tmp_path / "backup" / "home" / "telemetry.duckdb") as store:
        assert stored_jobs(store) == ["job-1", "job-2"]


def test_standard_input_is_left_to_load(tmp_path: Path) -> None:
    refused = run(tmp_path, "ingest", "follow", "-", "--home", "home")
    assert (refused.returncode, refused.stdout) == (4, b"")
    assert b"`slotgate ingest load -`" in refused.stderr
    assert not (tmp_path / "home").exists()


def test_in_words_it_says_what_is_new_and_the_sum(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_bytes(cri(1, 2))
    with start(tmp_path, "ingest", "follow", "logs", "--home", "home") as process:
        assert process.stdout.readline() == "following `logs`; stop with Ctrl-C\n"
        assert process.stdout.readline() == f"{tmp_path}/logs/a.log: new; 2 lines, 2 accepted\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err) == (0, "2 lines read, 2 accepted, 0 quarantined\n", "")


def test_a_server_follows_too_and_the_command_leaves_it_the_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with started(tmp_path, "serve", "--home", "home", "--follow", "app.log") as served:
        served.wait_until_ready()
        with start(tmp_path, "ingest", "follow", "app.log", "--home", "home") as refused:
            assert refused.wait() == 4
            assert "let it follow (`slotgate serve --follow PATH`)" in refused.communicate()[1]
        log.write_bytes(cri(1))
        before = json.loads(served.get("/readyz")[2])["passes"]
        deadline = time.monotonic() + PATIENCE_S
        while json.loads(served.get("/readyz")[2])["passes"] < before + 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert served.stop()[0] == 0
    assert held(tmp_path) == ["job-1"]
