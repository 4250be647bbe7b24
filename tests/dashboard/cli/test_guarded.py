"""The guarded commands as processes: who may do what, with what broken, and how two at once end."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dashboard.cli.homes import ALICE, SAID, answer, founded, live, run
from tests.warm.commands import environment, start

SLOTGATE = Path(sys.executable).with_name("slotgate")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a home, and alice's token in `alice.token`."""
    return founded(tmp_path)


class TestWho:
    @pytest.mark.parametrize(
        "words",
        [("propose", "--feature", "on", *SAID), ("apply", "1"), ("approve", "1"), ("unkill", *SAID),
         ("unkill", "--break-glass", *SAID), ("revert", *SAID), ("mode", "set", "off", *SAID),
         ("reject", "1", "--reason", "no")],
        ids=" ".join,
    )  # fmt: skip
    def test_widening_takes_a_token(self, place: Path, words: tuple[str, ...]) -> None:
        assert "say who you are" in run(place, *words, code=1)[1]
        assert "refused" in run(place, *words, code=1, SLOTGATE_TOKEN="slotgate_ab_cd")[1]

    def test_a_refused_token_is_on_record(self, place: Path) -> None:
        run(place, "apply", "1", code=1, SLOTGATE_TOKEN="slotgate_ab_cd")
        assert "sign in refused" in run(place, "audit", "list")[0]

    def test_a_token_from_the_environment(self, place: Path) -> None:
        token = (place / "alice.token").read_text()
        assert answer(place, "propose", "--feature", "on", *SAID, SLOTGATE_TOKEN=token)["request"] == 1

    def test_narrowing_takes_none(self, place: Path) -> None:
        number = str(answer(place, "propose", "--feature", "on", *SAID, *ALICE)["request"])
        answer(place, "apply", number, *ALICE)
        narrowed = answer(place, "propose", "--feature", "off")
        assert (narrowed["outcome"], narrowed["revision"]) == ("ALLOWED", 3)

    @pytest.mark.parametrize("who", [(), ALICE], ids=["shell", "alice"])
    def test_what_stands_already(self, place: Path, who: tuple[str, ...]) -> None:
        for words in (
            ("--feature", "off"),
            ("--percent", "0"),
            ("--kill", "on"),
            ("--rollout-zero", "nobody"),
        ):
            refused = answer(place, "propose", *words, *who, code=1)
            assert (refused["outcome"], refused["reasonCodes"]) == ("BLOCKED", ["E_NO_CHANGE"]), words
            assert refused["nextStep"].startswith("enable sequence, 2"), words
            assert (refused["request"], refused["revision"]) == (None, None), words
        assert answer(place, "controls", "show")["newest"]["revision"] == 1

    def test_the_environment_mode_must_agree_and_the_kill_does_not_care(self, place: Path) -> None:
        shown = run(place, "propose", "--feature", "on", *SAID, *ALICE, code=4, ENFORCEMENT_MODE="enforce")
        assert "mode of this home is `shadow`" in shown[1]
        assert answer(place, "kill", ENFORCEMENT_MODE="nonsense")["killed"] is True
        run(place, "propose", "--feature", "off", ENFORCEMENT_MODE="nonsense", code=4)


class TestTwoAtOnce:
    def test_one_wins(self, place: Path) -> None:
        numbers = [
            str(answer(place, "propose", "--feature", "on", *SAID, *ALICE)["request"]) for _ in range(2)
        ]
        processes = [start(place, "apply", number, *ALICE, "--json") for number in numbers]
        ended = sorted((process.communicate(timeout=60), process.returncode)[1] for process in processes)
        assert ended == [0, 5]
        assert answer(place, "controls", "show")["newest"]["revision"] == 2

    def test_what_was_seen_is_what_counts(self, place: Path) -> None:
        blocked = answer(place, "propose", "--feature", "on", *SAID, *ALICE, "--base", "0", code=5)
        assert blocked["outcome"] == "BLOCKED"
        assert blocked["reasonCodes"] == ["E_BASE_REVISION"]
        assert blocked["nextStep"].startswith("enable sequence, 2")


@pytest.fixture
def live_place(tmp_path: Path) -> Path:
    """The same, live at canary-1."""
    return live(tmp_path)


class TestKill:
    def test_its_json_and_what_it_leaves(self, live_place: Path) -> None:
        killed = answer(live_place, "kill")
        assert {key: killed[key] for key in ("killed", "by", "revision", "read_back")} == {
            "killed": True,
            "by": "publish",
            "revision": 6,
            "read_back": "the kill switch is on",
        }
        assert killed["took_ms"] > 0
        owed = answer(live_place, "controls", "owed")["owed"]
        assert [(row["kind"], row["revision"]) for row in owed] == [("reason", 6)]
        assert "STOPPED BEFORE" in run(live_place, "kill", "--reason", "drill")[0]
        assert answer(live_place, "controls", "owed")["owed"] == []

    def test_narrowing_with_the_store_locked_and_gone(self, live_place: Path) -> None:
        holder = sqlite3.connect(live_place / ".slotgate" / "gate.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        killed = answer(live_place, "kill")
        assert (killed["killed"], killed["recorded"]) == (True, False)
        holder.execute("ROLLBACK")
        holder.close()
        (live_place / ".slotgate" / "gate.db").unlink()
        narrowed = answer(live_place, "propose", "--feature", "off")
        assert narrowed["revision"] == 7
        assert "added late" in narrowed["late"]
        run(live_place, "propose", "--feature", "on", code=4)

    def test_where_there_is_no_home(self, tmp_path: Path) -> None:
        out, err = run(tmp_path, "kill", "--json", code=4)
        assert json.loads(out)["killed"] is False
        assert "SLOTGEN_AI_KILL=true" in err

    def test_a_home_that_is_not_there_is_no_stop(self, tmp_path: Path) -> None:
        out, err = run(tmp_path, "kill", "--json", "--home", str(tmp_path / "mistyped"), code=4)
        assert json.loads(out)["killed"] is False
        assert "NOTHING WAS STOPPED" in err
        assert not (tmp_path / "mistyped").exists()

    def test_where_the_home_was_never_made(self, tmp_path: Path) -> None:
        (tmp_path / "nowhere").mkdir()
        killed = answer(tmp_path, "kill", SLOTGATE_HOME=str(tmp_path / "nowhere"))
        assert (killed["killed"], killed["by"], killed["already"]) == (True, "removal", True)

    def test_it_stops_what_the_executors_read(self, live_place: Path) -> None:
        control_file = live_place / ".slotgate" / "controls" / "control.json"
        killed = answer(live_place, "kill", SLOTGATE_CONTROLS=str(control_file))
        assert killed["by"] == "publish"
        assert json.loads(control_file.read_text())["kill"] is True

    def test_nothing_heavy_is_loaded_before_the_effect(self, place: Path) -> None:
        script = (
            "import sys, dashboard.cli.kill, gates.kill\n"
            "from pathlib import Path\nfrom gates.home import Home\n"
            "assert gates.kill.stop(Home(Path('.slotgate'))).killed\n"
            "print({'sqlalchemy', 'pydantic', 'duckdb', 'streamlit', 'pandas'} & set(sys.modules))"
        )
        command = [sys.executable, "-c", script]
        assert subprocess.check_output(command, cwd=place, env=environment(), text=True) == "set()\n"
