"""A damaged telemetry file under the commands: set aside, told, read again, and mended."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from ingest.store import TelemetryStore
from tests.ingest.stored import DATA, cri, stored_jobs
from tests.ingest.upkeep.damaging import make_rows_unreadable
from tests.warm import commands

CAPTURE, HISTORY = DATA / "executor-a.cri.log", DATA / "executor-a.controls.jsonl"
ASIDE = "telemetry.duckdb.damaged-*Z"


def slotgate(cwd: Path, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return commands.run(cwd, *words, environ=commands.environment())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two lines in its spool, two in a file that was loaded by name, and a large file."""
    made = tmp_path / ".slotgate"
    (made / "spool").mkdir(parents=True, mode=0o700)
    (made / "spool" / "one.log").write_bytes(cri(1, 2))
    (tmp_path / "named.log").write_bytes(cri(3, 4))
    assert slotgate(tmp_path, "ingest", "load", made / "spool", "named.log").returncode == 0
    with TelemetryStore.open(made / "telemetry.duckdb") as store, store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO noise_sample SELECT 1, i, (hash(i)::VARCHAR || hash(i + 1)::VARCHAR)::BLOB "
            "FROM range(20000) AS numbers(i)"
        )
    return made


def jobs(home: Path) -> list[str]:
    with TelemetryStore.open_for_reading(home / "telemetry.duckdb") as store:
        return sorted(stored_jobs(store))


def test_a_load_sets_it_aside_reads_the_spool_again_and_says_so(home: Path) -> None:
    before = jobs(home)
    (home / "telemetry.duckdb").write_bytes(b"nothing like a database" * 400)
    assert b"`slotgate ingest mend`" in slotgate(home.parent, "report").stderr
    done = slotgate(home.parent, "ingest", "load", "named.log")
    assert done.returncode == 0, done.stderr
    [aside] = home.glob(ASIDE)
    assert aside.read_bytes() == b"nothing like a database" * 400
    assert aside.name.encode() in done.stderr
    assert jobs(home) == before
    # It is said until somebody has moved it away; nothing is counted twice.
    again = slotgate(home.parent, "ingest", "load", home / "spool", "named.log")
    assert aside.name.encode() in again.stderr
    assert jobs(home) == before
    aside.unlink()
    assert slotgate(home.parent, "ingest", "load", "named.log").stderr == b""


def test_mending_finds_rows_that_cannot_be_read_and_reads_what_is_still_there(home: Path) -> None:
    before = jobs(home)
    sound = json.loads(slotgate(home.parent, "ingest", "mend", "--json").stdout)
    assert (sound["setAside"], sound["rows"] > 20_000) == (None, True)
    assert b"is sound" in slotgate(home.parent, "ingest", "mend").stdout
    make_rows_unreadable(home / "telemetry.duckdb")
    done = slotgate(home.parent, "ingest", "mend", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [str(one) for one in home.glob(ASIDE)] == [said["setAside"]]
    assert (said["readAgain"], said["loadByHand"]) == ([str(home.parent / "named.log")], [])
    assert jobs(home) == before


def test_doctor_reads_the_rows_when_asked(home: Path) -> None:
    def telemetry(*words: str) -> dict[str, object]:
        findings = json.loads(slotgate(home.parent, "doctor", "--json", *words).stdout)["findings"]
        return next(one for one in findings if one["check"] == "telemetry")

    found = telemetry("--thorough")
    assert (found["ok"], "rows can be read" in str(found["words"])) == (True, True)
    make_rows_unreadable(home / "telemetry.duckdb")
    assert telemetry()["ok"] is True
    found = telemetry("--thorough")
    assert (found["ok"], "`slotgate ingest mend`" in str(found["todo"])) == (False, True)
    with TelemetryStore.open(home / "telemetry.duckdb"):
        found = telemetry("--thorough")
        assert (found["ok"], found["looked"]) == (True, False)
        assert "its rows were not read one by one: " in str(found["words"])
        assert "in use by another process" in str(found["words"])
        said = slotgate(home.parent, "doctor", "--thorough").stdout.decode()
        assert "?     telemetry: its rows were not read" in said
        assert "\n         → `slotgate backup TARGET` reads every row beside `slotgate serve`" in said
        assert (telemetry()["ok"], telemetry()["looked"]) == (True, True)


def test_following_begins_afresh_and_says_so(home: Path) -> None:
    (home / "telemetry.duckdb").write_bytes(b"nothing like a database" * 400)
    with commands.start(home.parent, "ingest", "follow", "named.log", "--json") as process:
        assert json.loads(process.stdout.readline())["added"]["accepted"] == 2
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert len(list(home.glob(ASIDE))) == 1
    assert "set aside at" in said
    # What it does not follow is counted by the next load.
    assert slotgate(home.parent, "ingest", "load", home / "spool").returncode == 0
    assert jobs(home) == ["job-1", "job-2", "job-3", "job-4"]


def test_what_cannot_be_read_again_is_to_be_loaded_by_hand(home: Path) -> None:
    assert slotgate(home.parent, "ingest", "load", CAPTURE, "--controls", HISTORY).returncode == 0
    (home.parent / "named.log").unlink()
    make_rows_unreadable(home / "telemetry.duckdb")
    done = slotgate(home.parent, "ingest", "mend")
    assert done.returncode == 1
    assert f"LOAD AGAIN `{home.parent / 'named.log'}`".encode() in done.stdout
    assert f"LOAD AGAIN `{CAPTURE}`".encode() in done.stdout
    assert len(jobs(home)) == 2


def test_one_in_use_and_one_that_is_not_there(home: Path) -> None:
    with TelemetryStore.open(home / "telemetry.duckdb"):
        done = slotgate(home.parent, "ingest", "mend")
        assert (done.returncode, b"in use by another process" in done.stderr) == (4, True)
    shutil.rmtree(home)
    assert slotgate(home.parent, "ingest", "mend").returncode == 0
    assert not home.exists()
