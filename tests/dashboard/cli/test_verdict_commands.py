"""`ack`, `report-bad`, `thresholds` and `drill` as processes."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.cli.homes import ALICE, SAID, answer, founded, live, run
from tests.warm.commands import start


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a home in shadow, and alice's token in `alice.token`."""
    return founded(tmp_path)


@pytest.fixture
def live_place(tmp_path: Path) -> Path:
    """The same at canary-1."""
    return live(tmp_path)


def thresholds(place: Path, **changes: Any) -> None:
    document = json.loads(run(place, "thresholds", "show")[0])
    (place / "limits.json").write_text(json.dumps(document | changes))


class TestPutRight:
    def test_a_narrowing_that_could_not_be_recorded_is_what_a_review_judges(self, live_place: Path) -> None:
        with closing(sqlite3.connect(live_place / ".slotgate" / "gate.db", isolation_level=None)) as held:
            held.execute("BEGIN EXCLUSIVE")
            answer(live_place, "propose", "--percent", "0")
        (found,) = (
            one for one in answer(live_place, "doctor", code=1)["findings"] if one["check"] == "controls"
        )
        assert "a narrowing took effect and is not recorded yet" in found["words"]
        newest = answer(live_place, "controls", "history")["revisions"][-1]["revision"]
        said, notice = run(live_place, "review", code=10)
        assert "ADOPTED" in notice
        assert f"under revision {newest + 1}:" in said
        assert answer(live_place, "doctor")["ok"] is True


class TestAck:
    def test_of_nothing_is_refused(self, place: Path) -> None:
        refused = answer(place, "ack", "--reason", "known", *ALICE, code=1)
        assert refused["reasonCodes"] == ["E_NO_CHANGE"]

    def test_takes_a_token_and_a_reason(self, place: Path) -> None:
        assert "say who you are" in run(place, "ack", "--reason", "known", code=1)[1]
        assert "--reason" in run(place, "ack", *ALICE, code=2)[1]


class TestReportBad:
    def test_and_withdraw(self, place: Path) -> None:
        assert answer(place, "report-bad", "j1", "--reason", "rude", *ALICE) == {"job": "j1", "report": 1}
        assert "reported already" in run(place, "report-bad", "j1", "--reason", "x", *ALICE, code=5)[1]
        back = ("report-bad", "j1", "--reason", "it was not", "--withdraw", *ALICE)
        assert answer(place, *back) == {"job": "j1", "withdrawn": 1}
        assert "no report" in run(place, *back, code=1)[1]

    def test_a_job_id_does_nothing_to_a_terminal(self, place: Path) -> None:
        for words in (("report-bad", "\x1b[2Jx", "--reason", "rude", *ALICE),) * 2:
            process = start(place, *words)
            out, err = process.communicate(timeout=60)
            assert "\x1b" not in out + err
        assert process.returncode == 5


class TestThresholds:
    def test_show_and_propose_stricter(self, place: Path) -> None:
        assert answer(place, "thresholds", "show")["number"] == 0
        thresholds(place, passAlpha=0.01)
        done = answer(place, "thresholds", "propose", "limits.json", *SAID, *ALICE)
        assert (done["outcome"], done["request"]) == ("ALLOWED", None)
        assert answer(place, "thresholds", "show")["passAlpha"] == 0.01
        again = answer(place, "thresholds", "propose", "limits.json", *SAID, *ALICE, code=5)
        assert "E_BASE_REVISION" in again["reasonCodes"]
        (version,) = answer(place, "thresholds", "history")["versions"]
        assert (version["number"], version["by"]) == (1, "local|alice")

    def test_laxer_opens_a_request_that_says_what_it_loosens(self, place: Path) -> None:
        thresholds(place, passAlpha=0.1)
        number = str(answer(place, "thresholds", "propose", "limits.json", *SAID, *ALICE)["request"])
        assert "passAlpha 0.05 -> 0.1" in run(place, "controls", "request", number)[0]
        answer(place, "apply", number, *ALICE)
        assert "request 1" in run(place, "thresholds", "history")[0]

    def test_what_is_no_document(self, place: Path) -> None:
        (place / "limits.json").write_text('{"version": "thresholds.v1"}')
        for name in ("limits.json", "absent.json"):
            run(place, "thresholds", "propose", name, *SAID, *ALICE, code=3)


class TestDrill:
    def test_restored_when_probes_confirm_it(self, live_place: Path) -> None:
        number = str(answer(live_place, "drill", "kill", *SAID, *ALICE)["request"])
        drill = start(live_place, "drill", "kill", number, "--json", *ALICE)
        assert drill.stderr is not None
        assert "STOPPED for a drill" in drill.stderr.readline()
        assert "STOPPED: the kill switch is on" in run(live_place, "controls", "show")[0]
        start(live_place, "probe", "--count", "20").communicate(timeout=60)
        out, _ = drill.communicate(timeout=120)
        assert drill.returncode == 0
        assert "a tested rollback" in json.loads(out)["done"]
        assert "LIVE" in run(live_place, "controls", "show")[0]
        (one,) = answer(live_place, "drill", "list")["drills"]
        assert (one["state"], one["baseRevision"], one["restoredRevision"]) == ("restored", 5, 7)

    def test_left_stopped_without_a_line(self, live_place: Path) -> None:
        number = str(answer(live_place, "drill", "kill", *SAID, *ALICE)["request"])
        refused = answer(live_place, "drill", "kill", number, "--wait", "1", *ALICE, code=1)
        assert "E_DRILL" in refused["reasonCodes"]
        assert refused["done"].startswith("STILL STOPPED")
        assert "STOPPED: the kill switch is on" in run(live_place, "controls", "show")[0]
        assert "STILL STOPPED" in run(live_place, "drill", "list")[0]

    def test_interrupted_it_stays_stopped(self, live_place: Path) -> None:
        number = str(answer(live_place, "drill", "kill", *SAID, *ALICE)["request"])
        drill = start(live_place, "drill", "kill", number, *ALICE)
        assert drill.stderr is not None
        drill.stderr.readline()
        drill.send_signal(signal.SIGINT)
        drill.communicate(timeout=60)
        assert drill.returncode == 130
        assert "STOPPED: the kill switch is on" in run(live_place, "controls", "show")[0]
