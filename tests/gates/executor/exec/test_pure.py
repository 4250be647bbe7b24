"""The parts of `slotgate exec` that are values in, values out."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.controls.environment import EnvironmentControls
from gates.controls.source import EnvironmentMode, FileMode, locate
from gates.controls.variables import ALLOWLIST, FEATURE, KILL, PERCENT
from gates.decision import Admitted, compile_controls, decide, job_from_spec, unknown_controls
from gates.executor.exec.prepared import Place
from gates.executor.exec.result_seen import CONTRACT, KEYWORDS, problem_of
from gates.executor.exec.run_record import facts_of
from gates.executor.exec.saying import say
from gates.executor.exec.setting import CLOSED_FLAGS, PERMITS_NOTHING, setting_of
from gates.executor.exec.spool_file import CriLines, stamp_of
from schemas import check
from schemas.result import Result
from tests.gates.executor.builders import allowlist, controls
from tests.gates.executor.exec.commands import messages
from tests.properties.strategies import controls as any_controls
from tests.properties.strategies import damaged, json_values, specs

TABLE: list[tuple[str, dict[str, Any], dict[str, str], bool]] = [
    ("open", {}, {FEATURE: "true", KILL: "false", PERCENT: "100"}, True),
    ("percent", {"percent": 5}, {FEATURE: "true", KILL: "false", PERCENT: "5"}, True),
    ("killed", {"kill": True}, dict(CLOSED_FLAGS), False),
    ("killed, everyone", {"kill": True, "percent": 0, "rolloutZero": "everyone"}, dict(CLOSED_FLAGS), False),
    ("feature off", {"feature": False}, {FEATURE: "false", KILL: "false", PERCENT: "100"}, False),
    # Executors in the field read 0 as everyone: nobody is said by the allowlist too, everyone by 100.
    ("nobody", {"percent": 0}, {FEATURE: "true", KILL: "false", PERCENT: "0"}, False),
    (
        "everyone",
        {"percent": 0, "rolloutZero": "everyone"},
        {FEATURE: "true", KILL: "false", PERCENT: "100"},
        True,
    ),
]


@pytest.mark.parametrize(("name", "changes", "flags", "has_allowlist"), TABLE, ids=[row[0] for row in TABLE])
def test_setting(name: str, changes: dict[str, Any], flags: dict[str, str], has_allowlist: bool) -> None:
    document = controls(**changes)
    found = setting_of(compile_controls(document, "file"), document["allowlist"])
    assert dict(found.flags) == flags
    assert found.allowlist == (allowlist() if has_allowlist else PERMITS_NOTHING)
    assert (found.revision, found.unknown) == (7, None)


def test_what_is_not_known_is_closed() -> None:
    found = setting_of(unknown_controls("gone", "file"), allowlist())
    assert (found.flags, found.allowlist) == (CLOSED_FLAGS, PERMITS_NOTHING)
    assert (found.revision, found.unknown) == (None, "gone")


@given(any_controls, specs)
def test_an_executor_decides_by_the_variables_as_by_the_controls(
    document: dict[str, Any], spec: dict[str, Any]
) -> None:
    job = job_from_spec(spec)
    compiled = compile_controls(document, "file")
    wanted = decide(compiled, job)
    setting = setting_of(compiled, document["allowlist"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "allowlist.json"
        path.write_text(json.dumps(setting.allowlist))
        variables = {**setting.flags, ALLOWLIST: str(path)}
        found = decide(EnvironmentControls(variables).current(), job)
        # An executor of the field: percent 0 is no gate at all.
        field = variables | ({PERCENT: "100"} if variables[PERCENT] == "0" else {})
        in_field = decide(EnvironmentControls(field).current(), job)
    assert isinstance(found, Admitted) is isinstance(wanted, Admitted)
    assert isinstance(in_field, Admitted) is isinstance(wanted, Admitted)


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"\n", b"a\nb", b"\n\n", b"x"]))))
def test_lines_come_out_of_the_spool_as_they_went_in(pieces: list[bytes]) -> None:
    framer = CriLines()
    spool = b"".join(framer.framed(piece, 10**18 + number) for number, piece in enumerate(pieces) if piece)
    spool += framer.ending(2 * 10**18)
    data = b"".join(pieces)
    assert messages(spool) == (data if not data or data.endswith(b"\n") else data + b"\n")
    stamp = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stderr [PF] "
    assert all(re.match(stamp, line) for line in spool.split(b"\n")[:-1])


def test_a_stamp_has_nanoseconds() -> None:
    assert stamp_of(1_795_227_773_390_000_001) == b"2026-11-21T02:22:53.390000001Z"


VALID = {
    "version": "v1",
    "jobId": "J",
    "status": "COMPLETED",
    "generatedAt": "2026-11-21T02:22:53.836Z",
    "output": {"content": "x"},
}
SCHEMA: dict[str, Any] = json.loads((check.FOLDER / f"{CONTRACT}.schema.json").read_text())
RESULTS = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["v1", "v1\n", 1]),
        "jobId": st.one_of(st.text(max_size=3), st.none()),
        "status": st.sampled_from(["STUB", "COMPLETED", "FAILED", "stub"]),
        "generatedAt": st.sampled_from([VALID["generatedAt"], "2026-11-21T02:22:53Z\n", "today", 7]),
        "output": st.one_of(st.none(), st.just({}), json_values),
    }
)


class TestResult:
    def test_its_schema_has_only_keywords_that_we_ask_for(self) -> None:
        assert SCHEMA["additionalProperties"] is False
        assert set(SCHEMA["required"]) == set(SCHEMA["properties"])
        assert {key for asks in SCHEMA["properties"].values() for key in asks} == KEYWORDS
        known = {"$schema", "title", "additionalProperties", "description", "properties", "required", "type"}
        assert set(SCHEMA) == known
        assert set(SCHEMA["properties"]) == {
            field.alias or name for name, field in Result.model_fields.items()
        } or set(SCHEMA["properties"]) == set(VALID)

    @given(st.one_of(RESULTS, damaged(RESULTS), json_values))
    def test_ours_says_what_the_engine_says(self, document: Any) -> None:
        problem = problem_of(document, SCHEMA)
        has_output = isinstance(document, dict) and document.get("output") is not None
        is_completed = isinstance(document, dict) and document.get("status") == "COMPLETED"
        engine = check.problems(CONTRACT, document)
        assert (problem is None) is (not engine and has_output is is_completed)


@given(json_values)
def test_no_spec_breaks_the_facts(document: Any) -> None:
    assert facts_of(document) is None


def test_what_we_say_is_never_telemetry(capfd: pytest.CaptureFixture[str]) -> None:
    say('cannot: {"version":"v1","jobId":"x"}\nand more\x00' + "x" * 1_000)
    said = capfd.readouterr().err
    assert said.startswith("slotgate exec: cannot: ('version'")
    assert said.count("\n") == 1
    assert not set('{}"') & set(said)


ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"SLOTGATE_HOME": ""},
    {"SLOTGATE_HOME": "other"},
    {"SLOTGATE_CONTROLS": "c.json"},
    {"SLOTGATE_CONTROLS": ""},
    {"SLOTGATE_HOME": "other", "SLOTGATE_CONTROLS": "/c.json"},
]


@pytest.mark.parametrize("environ", ENVIRONMENTS, ids=str)
@pytest.mark.parametrize("home", [None, "given", "/given"])
@pytest.mark.parametrize("folder", ["with/below", "without"])
def test_the_place_is_where_a_run_looks(
    tmp_path: Path, environ: dict[str, str], home: str | None, folder: str
) -> None:
    (tmp_path / "with" / ".slotgate").mkdir(parents=True)
    cwd = tmp_path / folder
    cwd.mkdir(parents=True)
    wanted = locate(environ, cwd, home=None if home is None else Path(home))
    found = Place(environ, str(cwd), home)
    match wanted:
        case EnvironmentMode():
            assert (found.root, found.control_file) == (None, None)
        case FileMode(path, at):
            assert found.control_file is not None
            assert Path(found.control_file) == path
            assert (None if found.root is None else Path(found.root)) == (None if at is None else at.root)
