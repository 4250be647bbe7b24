"""The conformance files, through the library and through `slotgate decide`."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from gates.controls.source import EnvironmentMode, FileMode, open_source
from gates.decision import as_record, decide, job_from_spec
from schemas import check
from tests.conformance.cases import CONTROL_KEYS, FOLDER, PINNED, Case, load, set_up
from tests.warm import commands

CASES = load()
SPECS = [case for case in CASES if case.expected["gate"] != "job_spec"]


@pytest.mark.parametrize("case", SPECS, ids=lambda case: case.label)
def test_library(case: Case, tmp_path: Path) -> None:
    setting = set_up(case.controls, tmp_path)
    mode = EnvironmentMode() if setting.control_file is None else FileMode(setting.control_file, None)
    job = job_from_spec(check.parse("slot-generation.v1", case.line))
    record = as_record(decide(open_source(mode, setting.environ).current(), job))
    assert {key: record[key] for key in PINNED} == case.expected


def _settings() -> list[tuple[str, list[Case]]]:
    """Cases under the same controls share one process."""

    def key(case: Case) -> str:
        return json.dumps(case.controls, sort_keys=True)

    return [(name, list(group)) for name, group in groupby(sorted(CASES, key=key), key=key)]


@pytest.mark.parametrize("cases", [cases for _, cases in _settings()], ids=lambda cases: cases[0].label)
def test_command_line(cases: list[Case], tmp_path: Path) -> None:
    setting = set_up(cases[0].controls, tmp_path)
    run = commands.run(
        tmp_path,
        *("decide", "--controls", str(setting.control_file or "env")),
        stdin="".join(f"{case.line}\n" for case in cases).encode(),
        environ=setting.environ,
    )
    assert run.stderr == b""
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert [{key: record[key] for key in PINNED} for record in records] == [case.expected for case in cases]
    assert all(("error" in record) == (record["gate"] == "job_spec") for record in records)
    assert run.returncode == (3 if any("error" in record for record in records) else 0)


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
