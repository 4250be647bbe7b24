"""The conformance files, through the library and through `slotgate decide`."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from gates.controls.source import EnvironmentMode, FileMode, open_source
from gates.decision import as_record, decide, job_from_spec
from schemas import check
from tests.conformance.cases import CONTROL_KEYS, FOLDER, PINNED, Case, has_file, load, set_up
from tests.warm import commands

CASES = load()
SPECS = [case for case in CASES if case.expected["gate"] != "job_spec"]


@pytest.mark.parametrize("file", sorted({case.file for case in SPECS}))
def test_library(file: str, tmp_path: Path) -> None:
    for number, case in enumerate(case for case in SPECS if case.file == file):
        folder = tmp_path / str(number)
        folder.mkdir()
        setting = set_up(case.controls, folder)
        mode = EnvironmentMode() if setting.control_file is None else FileMode(setting.control_file, None)
        job = job_from_spec(check.parse("slot-generation.v1", case.line))
        record = as_record(decide(open_source(mode, setting.environ).current(), job))
        assert {key: record[key] for key in PINNED} == case.expected, case.name


def environment(case: Case) -> str:
    """What a process must be started with for it; the control file is looked at again for every line."""
    of_start = {key: case.controls[key] for key in ("environment", "allowlist") if key in case.controls}
    return json.dumps([has_file(case.controls), of_start], sort_keys=True)


STARTS = [list(cases) for _, cases in groupby(sorted(CASES, key=environment), key=environment)]


@pytest.mark.parametrize("cases", STARTS, ids=lambda cases: cases[0].label)
def test_command_line(cases: list[Case], tmp_path: Path) -> None:
    setting = set_up(cases[0].controls, tmp_path)
    words = "decide", "--controls", str(setting.control_file or "env")
    found, records = {}, []
    with commands.Command(words, tmp_path, setting.environ) as running:
        for case in cases:
            set_up(case.controls, tmp_path)
            running.stdin.write(f"{case.line}\n")
            running.stdin.flush()
            records.append(json.loads(running.stdout.readline()))
            found[case.label] = {key: records[-1][key] for key in PINNED}
        assert running.communicate() == ("", "")
    assert found == {case.label: case.expected for case in cases}
    assert all(("error" in record) == (record["gate"] == "job_spec") for record in records)
    assert running.returncode == (3 if any("error" in record for record in records) else 0)


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.label for case in CASES}) == len(CASES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_the_files_are_strict(path: Path) -> None:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert document.keys() == {"format", "about", "cases"}
    names = [case["name"] for case in document["cases"]]
    assert len(set(names)) == len(names)
    for case in document["cases"]:
        assert case.keys() - {"fieldDiffers"} in (
            {"name", "controls", "jobSpec", "expected"},
            {"name", "controls", "line", "expected"},
        )
        assert tuple(case["expected"]) == PINNED
        assert case["controls"].keys() <= CONTROL_KEYS
        if "fieldDiffers" in case:
            differs = case["fieldDiffers"]
            assert differs["why"]
            assert differs.keys() <= {"path", "errorCode", "why"}
            assert all(case["expected"][key] != value for key, value in differs.items() if key != "why")


def test_every_gate_and_every_reason_code_is_pinned() -> None:
    gates = {case.expected["gate"] for case in CASES}
    assert gates == {
        None,
        "job_spec",
        "controls",
        "kill_switch",
        "feature_flag",
        "job_opt_in",
        "allowlist",
        "rollout",
    }
