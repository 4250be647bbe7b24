"""Runs under `slotgate exec` as evidence: one line each, and a result that can be true."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gates.verdict.counts import NO_RUNS, RunFacts
from gates.verdict.gate_audit import GateCode
from ingest.gate_audit import Filter, findings
from ingest.instants import rfc3339
from ingest.loading.load import Surroundings, load
from ingest.runs.lines import read_run
from ingest.runs.taking_in import unread_bytes
from ingest.upkeep.moved import settle
from tests.ingest.evidence.conftest import MakeHome, home, make_home
from tests.ingest.evidence.homes import NOW, SECOND, START, Home, in_force, line, stub

__all__ = ["home", "make_home"]

RUN: dict[str, Any] = {
    "version": "exec-run.v1",
    "run": "0123456789abcdef",
    "source": "exec",
    "kind": "job",
    "startedAt": "2026-11-21T02:22:53.390Z",
    "endedAt": "2026-11-21T02:22:54.390Z",
    "revision": 1,
    "controlsUnknown": None,
    "exitCode": 0,
    "signal": None,
    "spool": {"file": "exec-exec-000.log", "inode": 12, "from": 0, "to": 200},
    "lostBytes": 0,
    "spec": {"digest": "sha256:00", "jobId": "J1"},
    "result": {"state": "valid", "jobId": "J1", "status": "STUB", "problem": None},
}


class Town:
    """A home whose runs say what a test wants."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._spool = home.folder / "spool" / "exec-exec-000.log"
        self._number = 0

    def run(self, stderr: str, result: dict[str, Any] | None = None, **changes: Any) -> None:
        self._number += 1
        begin = self._spool.stat().st_size if self._spool.exists() else 0
        with self._spool.open("a") as file:
            file.write(stderr)
        status = self._spool.stat()
        document = {
            **RUN,
            "run": str(self._number),
            "startedAt": rfc3339(START + 60 * SECOND),
            "endedAt": rfc3339(START + 61 * SECOND),
            "spool": {"file": "f", "inode": status.st_ino, "from": begin, "to": status.st_size},
            "result": {**RUN["result"], **(result or {})},
            **changes,
        }
        folder = self.home.folder / "runs"
        folder.mkdir(exist_ok=True)
        with (folder / "2026-11-21.jsonl").open("a") as file:
            file.write(json.dumps(document) + "\n")

    def facts(self) -> RunFacts:
        folder = self.home.folder
        around = Surroundings(None, lambda: NOW, folder / "spool", runs=folder / "runs")
        load(self.home.store, [folder / "spool"], self.home.controls, surroundings=around)
        return self.home.ask().runs


@pytest.fixture
def town(home: Home) -> Town:
    return Town(home)


J1 = stub("J1")
DONE = line("J1")
MISSING = {"state": "missing", "jobId": None, "status": None}
INVALID = {"state": "invalid", "jobId": None, "status": None, "problem": "not JSON"}
UNSEEN = {"state": "unseen", "jobId": None, "status": None}
CASES = [
    (J1, {}, {}, {}),
    ("", {}, {}, {"silent": 1}),
    (J1 + J1, {}, {}, {"silent": 1}),
    (J1, INVALID, {}, {"invalid": 1}),
    ("", INVALID, {}, {"invalid": 1, "silent": 1}),
    (J1, MISSING, {}, {"missing": 1}),
    (J1, MISSING, {"exitCode": 1}, {"missing": 1}),
    (line("J1", code="OPENAI_HTTP_ERROR"), MISSING, {"exitCode": 1}, {}),
    ("", MISSING, {"exitCode": 1}, {"silent": 1}),
    ("", MISSING, {"exitCode": None, "signal": 9}, {"silent": 1}),
    ("", MISSING, {}, {"silent": 1, "missing": 1}),
    (J1, {"jobId": "J2"}, {}, {"contradicting": 1}),
    (DONE, {"status": "STUB"}, {}, {"contradicting": 1}),
    (DONE, {"status": "COMPLETED"}, {}, {}),
    (J1, UNSEEN, {}, {}),
    ("", UNSEEN, {"spool": None}, {"silent": 1}),
]


@pytest.mark.parametrize(("stderr", "result", "changes", "found"), CASES)
def test_a_run_is_held_against_its_line(
    town: Town, stderr: str, result: dict[str, Any], changes: dict[str, Any], found: dict[str, int]
) -> None:
    town.run(stderr, result, **changes)
    assert town.facts() == RunFacts(judged=1, wrong=1 if found else 0, **found)


def test_each_run_has_the_lines_of_its_own_stretch(town: Town) -> None:
    town.run(J1)
    town.run("")
    town.run(J1 + "noise\n", {"jobId": "J1"})
    town.run(stub("J4"), {"jobId": "J4"})
    assert town.facts() == RunFacts(judged=4, silent=1, wrong=1)
    assert town.facts() == RunFacts(judged=4, silent=1, wrong=1)  # loaded again: nothing twice


def test_after_a_restore_an_inode_may_be_that_of_another_file(town: Town) -> None:
    town.run(J1)
    (town.home.folder / "spool" / "other.log").write_text(stub("J5"))
    town.facts()
    restored_ns = START + 100 * SECOND
    settle(town.home.store, {}, restored_ns)
    with town.home.store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO source_file BY NAME SELECT f.* REPLACE (1 AS device, e.inode AS inode) "
            "FROM source_file f, exec_run e WHERE path LIKE '%other.log'"
        )
    [(inode,)] = town.home.store.cursor().execute("SELECT inode FROM exec_run").fetchall()
    later = {"startedAt": rfc3339(restored_ns + SECOND), "endedAt": rfc3339(restored_ns + 2 * SECOND)}
    stretch = {"file": "f", "inode": inode, "from": 0, "to": len(stub("J5"))}
    town.run("", {"jobId": "J5"}, spool=stretch, **later)
    assert town.facts() == RunFacts(judged=2)


def test_a_service_owes_nothing(town: Town) -> None:
    town.run(J1 + J1 + J1, UNSEEN, kind="service")
    assert town.facts() == NO_RUNS


def test_a_run_before_the_window_is_not_of_it(make_home: MakeHome) -> None:
    town = Town(make_home(in_force(0), in_force(1, 3600)))
    town.run("")
    assert town.facts() == NO_RUNS


def test_a_stretch_that_was_not_read_says_nothing_yet(town: Town) -> None:
    gone = {"file": "f", "inode": 1, "from": 0, "to": 99}
    town.run("", UNSEEN, spool=gone, endedAt=rfc3339(NOW))
    assert town.facts() == NO_RUNS
    town.run("", UNSEEN, spool=gone)  # hours ago: nobody will ever read it
    assert town.facts() == RunFacts(judged=1, silent=1, wrong=1)


def test_the_gate_audit_names_silent_runs(town: Town) -> None:
    town.run("")
    town.run(J1)
    town.facts()
    with town.home.store.cursor() as cursor:
        [silent] = findings(cursor, Filter(code=GateCode.SILENT_PATH)).found
        assert (silent.lines, silent.severity, silent.history) == (1, "high", "home")
        assert findings(cursor, replace(Filter(), revision=9)).found == ()
        assert GateCode.SILENT_PATH not in {
            one.code for one in findings(cursor, Filter(code=GateCode.CONTRACT)).found
        }


BAD: dict[str, Any] = {
    "another version": {"version": "exec-run.v2"},
    "a key too many": {"stdout": "x"},
    "no time": {"startedAt": "today"},
    "a result of another state": {"result": {**RUN["result"], "state": "fine"}},
    "text for a number": {"exitCode": "0"},
    "a number out of range": {"lostBytes": 10**30},
}


@pytest.mark.parametrize("name", BAD)
def test_other_lines_are_refused(name: str) -> None:
    assert read_run(json.dumps(RUN).encode()) is not None
    assert read_run(json.dumps({**RUN, **BAD[name]}).encode()) is None


def test_what_was_not_read_is_told_in_bytes(town: Town, tmp_path: Path) -> None:
    def unread() -> int:
        with town.home.store.cursor() as cursor:
            return unread_bytes(cursor, tmp_path / "runs")

    assert unread() == 0
    town.run(J1)
    assert unread() == (tmp_path / "runs" / "2026-11-21.jsonl").stat().st_size
    town.facts()
    assert unread() == 0


def test_a_refused_line_is_counted(town: Town, tmp_path: Path) -> None:
    town.run(J1)
    with (tmp_path / "runs" / "2026-11-21.jsonl").open("a") as file:
        file.write("{}\n")
    town.facts()
    with town.home.store.cursor() as cursor:
        assert cursor.execute("SELECT accepted, refused FROM run_file").fetchall() == [(1, 1)]
