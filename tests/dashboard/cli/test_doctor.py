"""`slotgate doctor`: a home that is well, and every way in which one may not be."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard.cli.doctor_standing import drill
from dashboard.cli.doctor_telemetry import of_store, room_words
from dashboard.cli.main import main
from gates.changes.gathering import LATCHED
from gates.controls.publish import Publisher
from gates.home import Home
from gates.policy.intent import Role
from gates.store.rows import OwedKind
from gates.store.store import Store
from ingest.store import TelemetryStore
from ingest.upkeep.room import Size
from schemas.instant import SECOND
from tests.gates.decision.builders import controls
from tests.gates.store.builders import ALICE, BOB, NOW, entry, request, revision
from tests.gates.store.test_sqlite import run_sql

CHECKS = [
    "permissions",
    "store",
    "mode",
    "controls",
    "audit",
    "late records",
    "owed",
    "drill",
    "roll back",
    "bad outputs",
    "operators",
    "task routes",
    "history",
    "telemetry",
    "damaged telemetry",
    "archive",
    "retention",
    "notifications",
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("ENFORCEMENT_MODE", raising=False)
    made = Home(tmp_path / "home")
    made.root.mkdir(mode=0o700)
    document = controls(revision=1)
    with closing(Store.create(made.store)) as store, store.begin() as tx:
        tx.settings.set("mode", "shadow")
        tx.revisions.append(revision(1, after=document, step=document["step"]))
        tx.operators.add(ALICE, frozenset(Role), by=None, at_ns=NOW)
        tx.audit.append(entry(after=document))
    Publisher(made, lambda: NOW).publish(document)
    return made


def write(home: Home, work: Callable[[Any], object]) -> None:
    with closing(Store.open(home.store)) as store, store.begin() as tx:
        work(tx)


def wrong(home: Home, capfd: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    """What is wrong, by check; the words and the exit code agree with it."""
    code = main(["doctor", "--home", str(home.root), "--json"])
    record = json.loads(capfd.readouterr().out)
    found = {one["check"]: one for one in record["findings"] if not one["ok"]}
    assert record["ok"] is (not found)
    assert code == (1 if found else 0)
    assert all(one["words"] and one["todo"] for one in found.values())
    assert main(["doctor", "--home", str(home.root)]) == code
    lines = capfd.readouterr().out
    assert lines.count("WRONG") == lines.count("→") == sum(not one["ok"] for one in record["findings"])
    return found


def test_a_home_that_is_well(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    assert wrong(home, capfd) == {}
    assert main(["doctor", "--home", str(home.root), "--json"]) == 0
    assert [one["check"] for one in json.loads(capfd.readouterr().out)["findings"]] == CHECKS


def test_no_home(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--home", str(tmp_path / "none")]) == 4
    assert "slotgate init" in capfd.readouterr().err


def test_files_open_to_others(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.store.chmod(0o640)
    home.spool.mkdir(mode=0o755)
    found = wrong(home, capfd)
    assert list(found) == ["permissions"]
    assert "gate.db" in found["permissions"]["words"]
    assert "spool" in found["permissions"]["words"]


def test_files_of_somebody_else(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.executor_config.write_text("{}")
    home.executor_config.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(home.executor_config, 65534, 65534)
        assert "of another user" in wrong(home, capfd)["permissions"]["words"]


@pytest.mark.parametrize("data", [None, b"", b"nothing like a database" * 400])
def test_a_store_that_cannot_be_used(
    home: Home, capfd: pytest.CaptureFixture[str], data: bytes | None
) -> None:
    home.store.unlink()
    if data is not None:
        home.store.write_bytes(data)
        home.store.chmod(0o600)
    assert list(wrong(home, capfd)) == ["store"]


def test_a_store_with_stray_rows(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    run_sql(home.store, "PRAGMA foreign_keys = OFF", "INSERT INTO operator_role VALUES ('nobody', 'admin')")
    assert list(wrong(home, capfd)) == ["store"]


@pytest.mark.parametrize("value", ["", "on", "Enforce"])
def test_an_unknown_mode(home: Home, capfd: pytest.CaptureFixture[str], value: str) -> None:
    write(home, lambda tx: tx.settings.set("mode", value))
    assert list(wrong(home, capfd)) == ["mode"]


def test_no_mode(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    run_sql(home.store, "DELETE FROM setting WHERE name = 'mode'")
    assert list(wrong(home, capfd)) == ["mode"]


@pytest.mark.parametrize("said", ["enforce", "", "unknown"])
def test_the_environment_says_another_mode(
    home: Home, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("ENFORCEMENT_MODE", said)
    assert list(wrong(home, capfd)) == ["mode"]
    monkeypatch.setenv("ENFORCEMENT_MODE", "shadow")
    assert wrong(home, capfd) == {}


def test_controls_that_nobody_reviewed(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    Publisher(home, lambda: NOW + 1).publish(controls(revision=2, environment="elsewhere"))
    found = wrong(home, capfd)
    assert list(found) == ["controls"]
    assert "UNREVIEWED_CONTROLS" in found["controls"]["words"]


def test_a_narrowing_that_was_not_recorded(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    Publisher(home, lambda: NOW + 1).publish(controls(revision=2, percent=50))
    found = wrong(home, capfd)
    assert list(found) == ["controls"]
    assert "a narrowing took effect and is not recorded yet" in found["controls"]["words"]


def test_controls_written_by_hand(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.control_file.write_text(json.dumps(controls(revision=1, percent=99)))
    home.control_file.chmod(0o600)
    assert list(wrong(home, capfd)) == ["controls", "history"]


@pytest.mark.parametrize("data", [None, b"{", b"[]"])
def test_no_valid_control_file(home: Home, capfd: pytest.CaptureFixture[str], data: bytes | None) -> None:
    home.control_file.unlink()
    if data is not None:
        home.control_file.write_bytes(data)
        home.control_file.chmod(0o600)
    found = wrong(home, capfd)
    assert "every decision is STUB" in found["controls"]["words"]


def test_no_revision_yet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "home"
    root.mkdir(mode=0o700)
    Store.create(root / "gate.db").close()
    found = wrong(Home(root), capfd)
    assert set(found) == {"mode", "controls", "operators", "history"}


def test_a_release_that_ended(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    document = controls(revision=2, breakGlassUntil="2026-01-01T00:00:00Z")
    write(home, lambda tx: tx.revisions.append(revision(2, after=document)))
    Publisher(home, lambda: NOW + 1).publish(document)
    assert "break-glass" in wrong(home, capfd)["controls"]["words"]


def test_a_history_with_a_foreign_line(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    with home.history.open("ab") as lines:
        lines.write(b'{"version":')
    assert "line 3" in wrong(home, capfd)["history"]["words"]


def test_a_history_that_goes_back(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    lines = home.history.read_text().splitlines(keepends=True)
    home.history.write_text("".join([*lines, lines[0].replace("2026-", "2025-"), lines[1]]))
    home.history.chmod(0o600)
    assert "clock" in wrong(home, capfd)["history"]["words"]


def test_a_broken_chain(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(home.store)) as connection, connection:
        connection.execute("DROP TRIGGER audit_record_no_update")
        connection.execute("UPDATE audit_record SET leaf = 'x'")
    assert "record 1" in wrong(home, capfd)["audit"]["words"]


def test_late_records_that_wait(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.late.mkdir(mode=0o700)
    spooled = home.late / "late.jsonl"
    spooled.touch(mode=0o600)
    spooled.write_bytes(b"{}\n")
    assert list(wrong(home, capfd)) == ["late records"]
    write(home, lambda tx: tx.audit.mark_late("late.jsonl", 3))
    assert wrong(home, capfd) == {}


def test_late_records_that_were_set_aside(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.late.mkdir(mode=0o700)
    aside = home.late / "set-aside"
    aside.touch(mode=0o600)
    assert "set-aside" in wrong(home, capfd)["late records"]["words"]
    aside.unlink()
    assert wrong(home, capfd) == {}


def test_an_overdue_reason(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    write(
        home,
        lambda tx: tx.owed.add(OwedKind.REASON, revision=1, operator_id=ALICE, since_ns=NOW, due_ns=NOW + 1),
    )
    found = wrong(home, capfd)
    assert list(found) == ["owed"]
    assert ALICE in found["owed"]["words"]


def test_four_eyes_that_cannot_be(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    write(home, lambda tx: tx.settings.set("mode", "enforce"))
    assert list(wrong(home, capfd)) == ["operators"]
    write(home, lambda tx: tx.operators.add(BOB, frozenset({Role.APPROVER}), by=ALICE, at_ns=NOW))
    assert wrong(home, capfd) == {}
    write(home, lambda tx: tx.operators.disable(BOB, at_ns=NOW))
    assert list(wrong(home, capfd)) == ["operators"]


def test_a_home_without_an_admin(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    write(home, lambda tx: tx.operators.set_roles(ALICE, frozenset({Role.ONCALL}), by=ALICE, at_ns=NOW))
    assert "no admin" in wrong(home, capfd)["operators"]["words"]
    write(home, lambda tx: tx.operators.disable(ALICE, at_ns=NOW))
    assert "none" in wrong(home, capfd)["operators"]["words"]


def test_a_telemetry_file_that_is_none(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.telemetry.write_bytes(b"nothing like a database" * 400)
    home.telemetry.chmod(0o600)
    assert list(wrong(home, capfd)) == ["telemetry"]


def test_a_roll_back_that_stands(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    write(home, lambda tx: tx.settings.set(LATCHED, "revision 1: ROLL BACK: 5 of 15 failed"))
    found = wrong(home, capfd)
    assert list(found) == ["roll back"]
    assert "5 of 15" in found["roll back"]["words"]
    assert "slotgate ack" in found["roll back"]["todo"]


def test_an_output_reported_bad_holds_only_under_its_revision(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    def reported(revision: int) -> Callable[[Any], object]:
        return lambda tx: tx.bad_outputs.add(
            job_id="job-1\x1b[31m", revision=revision, reason="empty page", by=ALICE, at_ns=NOW
        )

    write(home, reported(9))
    assert wrong(home, capfd) == {}
    write(home, reported(1))
    assert main(["doctor", "--home", str(home.root)]) == 1
    assert "\x1b" not in capfd.readouterr().out
    assert list(wrong(home, capfd)) == ["bad outputs"]


def test_a_drill_that_was_interrupted(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    def begin(tx: Any) -> None:
        number = tx.requests.create(request())
        tx.drills.begin(request_number=number, actor_id=ALICE, base_revision=1, at_ns=NOW)

    write(home, begin)
    assert wrong(home, capfd) == {}
    assert main(["doctor", "--home", str(home.root)]) == 0
    assert "was interrupted; the kill was released since" in capfd.readouterr().out
    killed = controls(revision=2, kill=True)
    write(home, lambda tx: tx.revisions.append(revision(2, after=killed, step=killed["step"])))
    Publisher(home, lambda: NOW).publish(killed)
    found = wrong(home, capfd)
    assert list(found) == ["drill"]
    assert "everything is stopped since" in found["drill"]["words"]
    with closing(Store.open(home.store)) as store, store.read() as tx:
        assert drill(tx, NOW + SECOND).ok


def test_lines_that_wait_for_the_gate_audit(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.spool.mkdir(mode=0o700)
    line = home.spool / "a.log"
    line.write_text(
        '2026-11-21T10:00:00Z stderr F {"version":"v1","executorVersion":"openai.v1","jobId":"j",'
        '"path":"stub","status":"STUB","latencyMs":1,"errorCode":"KILL_SWITCH"}\n'
    )
    line.chmod(0o600)
    assert main(["ingest", "load", "--home", str(home.root), str(home.spool)]) == 0
    capfd.readouterr()
    assert wrong(home, capfd) == {}
    with closing(duckdb.connect(str(home.telemetry))) as database:
        database.execute("DELETE FROM gate_mark")
    found = wrong(home, capfd)
    assert list(found) == ["telemetry"]
    assert "1 line waits for the gate audit" in found["telemetry"]["words"]


def test_a_telemetry_file_that_is_mostly_free_and_a_rebuild_that_waits(home: Home) -> None:
    with TelemetryStore.open(home.telemetry) as store:
        assert of_store(store).words == "the telemetry store opens, every line is audited"
        with store.transaction() as cursor:
            cursor.execute("INSERT INTO rebuild_state VALUES (NULL)")
        found = of_store(store)
    assert found.ok
    assert found.words.endswith("begun and not ended: `slotgate ingest rebuild` goes on with it")
    mostly_free = Size(used=100_000_000, free=250_000_000)
    assert "250 MB of its file are free, more than half" in room_words(mostly_free)
    assert room_words(Size(used=200_000_000, free=199_000_000)) == ""
