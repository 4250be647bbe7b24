"""`slotgate retention`: what is shown, who may set it, and what a run deletes and keeps."""

import re
import shutil
import time
from pathlib import Path

import pytest

from ingest.instants import rfc3339
from ingest.store import TelemetryStore
from tests.dashboard.cli.homes import ALICE, answer, founded, run
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import cri

DAY_NS = 24 * 3600 * 10**9
WHY = ("--reason", "the disk is small")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home that has lines of forty days ago and of now."""
    folder = tmp_path_factory.mktemp("template")
    founded(folder)
    now_ns = time.time_ns()
    lines = [Line(now_ns - age * DAY_NS, "job-1", "stub", "STUB", None, 7) for age in (40, 39, 3, 0)]
    (folder / "some.log").write_text("".join(map(cri, lines)))
    answer(folder, "ingest", "load", "some.log")
    return folder


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "place")


def rows(place: Path) -> int:
    with TelemetryStore.open(place / ".slotgate" / "telemetry.duckdb") as store, store.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM telemetry").fetchall()[0][0])


def test_thirty_days_and_what_keeps_more(place: Path) -> None:
    shown = answer(place, "retention", "show")
    assert (shown["version"], shown["inForce"], shown["by"]) == (0, {"days": 30, "archive": False}, None)
    assert (shown["telemetry"]["rows"], shown["telemetry"]["keptSince"]) == (4, None)
    assert shown["next"]["why"] == "30 days are kept"
    said = run(place, "retention", "show")[0]
    assert "raw lines of 30 days, version 0" in said
    assert "every line that was loaded is kept, 4 rows" in said


def test_less_is_in_force_a_day_later_and_more_at_once(place: Path) -> None:
    less = answer(place, "retention", "set", "--days", "10", *WHY, *ALICE)
    assert (less["wanted"]["days"], less["inForce"]["days"], less["by"]) == (10, 30, "local|alice")
    assert "those of 10 days, version 1" in run(place, "retention", "show")[0]
    more = answer(place, "retention", "set", "--days", "90", "--archive", "on", *WHY, *ALICE)
    assert more["inForce"] == {"days": 90, "archive": True}


REFUSED = [
    (("--days", "3", *WHY, *ALICE), 3, "name 7 to 36,500"),
    (("--days", "30", *ALICE), 3, "say why with --reason"),
    (("--days", "30", *WHY), 1, "say who you are"),
    (("--days", "many", *WHY, *ALICE), 2, "invalid int value"),
    (("--archive", "maybe", *WHY, *ALICE), 2, "invalid choice"),
]


def test_what_cannot_be_set(place: Path) -> None:
    for words, code, said in REFUSED:
        assert said in run(place, "retention", "set", *words, code=code)[1]
    assert answer(place, "retention", "show")["version"] == 0


def test_a_run_waits_first_and_then_deletes_what_nobody_needs(place: Path) -> None:
    first = answer(place, "retention", "run")
    assert (first["whole"], first["deleted"]["timed"], rows(place)) == (False, 0, 4)
    assert "the first pass in this home deletes nothing" in first["said"]
    done = answer(place, "retention", "run", "--clock-is-right")
    assert (done["whole"], done["deleted"]["timed"], rows(place)) == (True, 2, 2)
    shown = answer(place, "retention", "show")["telemetry"]
    assert (shown["rows"], shown["gone"], shown["said"]) == (2, {"rows": 2, "quarantined": 0}, done["said"])
    assert "not in this report: 2 lines of before" in run(place, "report")[0]
    assert answer(place, "ingest", "rebuild")["records"] == 2


def test_a_long_stay_keeps_what_the_days_would_not(place: Path) -> None:
    history = place / ".slotgate" / "controls" / "history.jsonl"
    text, long_ago = history.read_text(), rfc3339(time.time_ns() - 45 * DAY_NS)
    history.write_text(re.sub(r'"at":"[^"]*"', f'"at":"{long_ago}"', text))
    kept = answer(place, "retention", "run", "--clock-is-right")
    assert (kept["deleted"]["timed"], rows(place)) == (0, 4)
    assert "confirmed by its lines" in kept["said"] or "the stay at baseline goes on" in kept["said"]


def test_what_cannot_be_told_deletes_nothing(place: Path) -> None:
    (place / ".slotgate" / "controls" / "history.jsonl").unlink()
    assert "nothing goes: revision 1 is in force" in run(place, "retention", "show")[0]
    assert "nothing is deleted" in run(place, "retention", "run", "--clock-is-right", code=4)[1]
    assert rows(place) == 4
