"""The guarded commands as processes: who may do what, with what broken, and how two at once end."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.warm import commands
from tests.warm.commands import environment, start

SLOTGATE = Path(sys.executable).with_name("slotgate")
SAID = ("--reason", "pilot", "--decision-record", "ADR-1")


def run(folder: Path, *words: str, code: int = 0, **variables: str) -> tuple[str, str]:
    ended = commands.run(folder, *words, environ=environment(**variables))
    out, err = ended.stdout.decode(), ended.stderr.decode()
    assert ended.returncode == code, f"{words}: {ended.returncode}\n{out}{err}"
    assert "Traceback" not in err
    return out, err


def answer(folder: Path, *words: str, code: int = 0, **variables: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(folder, *words, "--json", code=code, **variables)[0])
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a home, and alice's token in `alice.token`."""
    made = answer(tmp_path, "init", "--operator", "alice", "--environment", "test")
    (tmp_path / "alice.token").write_text(made["token"])
    return tmp_path


ALICE = ("--token-file", "alice.token")


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

    @pytest.mark.parametrize("who", [(), ("--token-file", "alice.token")], ids=["shell", "alice"])
    @pytest.mark.parametrize(
        "words", [("--feature", "off"), ("--percent", "0"), ("--kill", "on"), ("--rollout-zero", "nobody")],
        ids=" ".join,
    )  # fmt: skip
    def test_what_stands_already(self, place: Path, words: tuple[str, ...], who: tuple[str, ...]) -> None:
        refused = answer(place, "propose", *words, *who, code=1)
        assert (refused["outcome"], refused["reasonCodes"]) == ("BLOCKED", ["E_NO_CHANGE"])
        assert refused["nextStep"].startswith("enable sequence, 2")
        assert (refused["request"], refused["revision"]) == (None, None)
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


class TestKill:
    def live(self, place: Path) -> None:
        """As far as shadow lets one person go."""
        allowlist = place / "allowlist.json"
        rule = {
            "id": "r", "enabled": True, "kinds": ["k"], "slotIds": ["S"], "maxJobsPerRun": 1,
            "appliesTo": {"subject": ["B"], "level": ["G"], "board": ["A"], "specVersion": ["v"]},
        }  # fmt: skip
        allowlist.write_text(
            json.dumps(
                {"version": "allowlist.v1", "enabled": True, "mode": "deny_by_default", "rules": [rule]}
            )
        )
        for change in (("--feature", "on"), ("--allowlist", "allowlist.json"), ("--percent", "1"),
                       ("--kill", "off")):  # fmt: skip
            number = str(answer(place, "propose", *change, *SAID, *ALICE)["request"])
            assert answer(place, "apply", number, *ALICE)["outcome"] == "WOULD_BLOCK"
        assert answer(place, "controls", "show")["live"] is True

    def test_its_json_and_what_it_leaves(self, place: Path) -> None:
        self.live(place)
        killed = answer(place, "kill")
        assert {key: killed[key] for key in ("killed", "by", "revision", "read_back")} == {
            "killed": True,
            "by": "publish",
            "revision": 6,
            "read_back": "the kill switch is on",
        }
        assert killed["took_ms"] > 0
        owed = answer(place, "controls", "owed")["owed"]
        assert [(row["kind"], row["revision"]) for row in owed] == [("reason", 6)]
        assert "STOPPED BEFORE" in run(place, "kill", "--reason", "drill")[0]
        assert answer(place, "controls", "owed")["owed"] == []

    def test_narrowing_with_the_store_locked_and_gone(self, place: Path) -> None:
        self.live(place)
        holder = sqlite3.connect(place / ".slotgate" / "gate.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        killed = answer(place, "kill")
        assert (killed["killed"], killed["recorded"]) == (True, False)
        holder.execute("ROLLBACK")
        holder.close()
        (place / ".slotgate" / "gate.db").unlink()
        narrowed = answer(place, "propose", "--feature", "off")
        assert narrowed["revision"] == 7
        assert "added late" in narrowed["late"]
        run(place, "propose", "--feature", "on", code=4)

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

    def test_it_stops_what_the_executors_read(self, place: Path) -> None:
        self.live(place)
        control_file = place / ".slotgate" / "controls" / "control.json"
        killed = answer(place, "kill", SLOTGATE_CONTROLS=str(control_file))
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
