"""`slotgate decide` as a process: one line in, one line out, at once, whatever comes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboard.documents.decisions import LONGEST_LINE
from tests.gates.controls.files import SPEC, encoded, put
from tests.warm import commands

SLOTGATE = str(Path(sys.executable).with_name("slotgate"))


@pytest.fixture
def control_file(tmp_path: Path) -> Path:
    path = tmp_path / "control.json"
    put(path, encoded())
    return path


def decide(
    *arguments: str, lines: list[bytes], environ: dict[str, str] | None = None, cwd: Path | None = None
) -> tuple[int, list[dict[str, Any]], bytes]:
    run = commands.run(cwd or Path.cwd(), "decide", *arguments, stdin=b"".join(lines), environ=environ or {})
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def spec(job_id: str = "J1", **changes: Any) -> bytes:
    document = SPEC | {"jobId": job_id} | changes
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def test_one_decision(control_file: Path) -> None:
    code, records, errors = decide("--controls", str(control_file), lines=[spec()])
    assert (code, errors) == (0, b"")
    assert records == [
        {
            "jobId": "J1",
            "path": "openai",
            "status": None,
            "errorCode": None,
            "gate": None,
            "ruleId": "r1",
            "bucket": 43,
            "percent": 100,
            "revision": 7,
            "origin": "file",
            "breakGlass": False,
            "reason": "all gates passed",
        }
    ]


def test_no_line_no_decision(control_file: Path) -> None:
    assert decide("--controls", str(control_file), lines=[]) == (0, [], b"")


def test_explain_adds_the_answer_of_every_gate(control_file: Path) -> None:
    put(control_file, encoded(kill=True, percent=0))
    _, (record,), _ = decide("--controls", str(control_file), "--explain", lines=[spec()])
    assert record["gate"] == "kill_switch"
    assert [(answer["gate"], answer["denies"]) for answer in record["gates"]] == [
        ("controls", False),
        ("kill_switch", True),
        ("feature_flag", False),
        ("job_opt_in", False),
        ("allowlist", False),
        ("rollout", True),
    ]
    assert all((answer["reason"] is not None) == answer["denies"] for answer in record["gates"])


def test_an_invalid_line_is_answered_and_the_rest_decided(control_file: Path) -> None:
    lines = [b"{}\n", spec("A"), b"\n", b"\xff\n", b"[" * 100_000 + b"\n", b"\0\n", spec("B")]
    code, records, errors = decide("--controls", str(control_file), lines=lines)
    assert (code, errors) == (3, b"")
    assert [record["jobId"] for record in records] == [None, "A", None, None, None, None, "B"]
    for record in records:
        assert (record["gate"] == "job_spec") == ("error" in record) == (record["jobId"] is None)
        assert record["gate"] != "job_spec" or record["path"] == "stub"
    assert records[0].keys() - records[1].keys() == {"error"}


def test_a_last_line_without_newline(control_file: Path) -> None:
    code, records, _ = decide("--controls", str(control_file), lines=[spec("A"), spec("B").rstrip()])
    assert (code, [record["jobId"] for record in records]) == (0, ["A", "B"])


def test_a_line_of_a_megabyte(control_file: Path) -> None:
    long = [SPEC["jobs"][0] | {"input": {"text": "x" * 1_000_000}}]  # type: ignore[index]
    code, records, _ = decide("--controls", str(control_file), lines=[spec("A", jobs=long), spec("B")])
    assert (code, [record["path"] for record in records]) == (0, ["openai", "openai"])


def test_an_endless_line_is_read_past(control_file: Path) -> None:
    lines = [b"x" * (2 * LONGEST_LINE + 5) + b"\n", spec("B"), b"y" * (LONGEST_LINE + 1)]
    code, records, _ = decide("--controls", str(control_file), lines=lines)
    assert code == 3
    assert [record["jobId"] for record in records] == [None, "B", None]
    assert "longer than" in records[0]["error"]


def test_any_text_survives_any_locale(control_file: Path) -> None:
    job_id = "日本語-😀-é\u2028\tx"
    for locale in ("C", "POSIX", "C.UTF-8"):
        afresh = subprocess.run(
            [SLOTGATE, "decide", "--controls", control_file],
            input=spec(job_id),
            capture_output=True,
            check=True,
            env={"LC_ALL": locale, "PYTHONUTF8": "0"},
        )
        assert json.loads(afresh.stdout)["jobId"] == job_id


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [SLOTGATE, "decide", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd=cwd,
    ) as process:
        yield process


def test_each_line_is_answered_before_the_next_is_sent(control_file: Path, tmp_path: Path) -> None:
    with running("--controls", "control.json", cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        gates = []
        for content in (encoded(), encoded(kill=True), b"{", encoded()):
            put(control_file, content)  # seen by the very next line
            process.stdin.write(spec())
            process.stdin.flush()
            gates.append(json.loads(process.stdout.readline())["gate"])
        process.stdin.close()
        assert process.wait() == 0
    assert gates == [None, "kill_switch", "controls", None]


def test_a_reader_that_leaves_is_no_traceback(control_file: Path, tmp_path: Path) -> None:
    with running("--controls", "control.json", cwd=tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(spec())
        process.stdin.close()
        assert process.wait() == 1
        assert process.stderr.read() == b""


class TestWhichControls:
    OPEN = {"FEATURE_SLOTGEN_AI": "true", "SLOTGEN_AI_ROLLOUT_PERCENT": "100"}  # noqa: RUF012

    def origin(self, *arguments: str, cwd: Path, **environ: str) -> tuple[str, str | None]:
        _, (record,), _ = decide(*arguments, lines=[spec()], environ=environ, cwd=cwd)
        return record["origin"], record["gate"]

    def test_the_environment_when_nothing_is_configured(self, tmp_path: Path) -> None:
        assert self.origin(cwd=tmp_path, **self.OPEN) == ("environment", "allowlist")

    def test_a_missing_file(self, tmp_path: Path) -> None:
        assert self.origin("--controls", "nowhere.json", cwd=tmp_path, **self.OPEN) == ("file", "controls")

    def test_a_home_without_a_file(self, tmp_path: Path) -> None:
        (tmp_path / ".slotgate").mkdir()
        assert self.origin(cwd=tmp_path, **self.OPEN) == ("file", "controls")
        assert self.origin("--controls", "env", cwd=tmp_path, **self.OPEN) == ("environment", "allowlist")

    def test_the_variables(self, control_file: Path, tmp_path: Path) -> None:
        assert self.origin(cwd=tmp_path, SLOTGATE_CONTROLS=str(control_file)) == ("file", None)
        assert self.origin(cwd=tmp_path, SLOTGATE_CONTROLS="") == ("file", "controls")
        assert self.origin(cwd=tmp_path, SLOTGATE_HOME="") == ("file", "controls")

    def test_a_file_called_env(self, tmp_path: Path) -> None:
        put(tmp_path / "env", encoded())
        assert self.origin("--controls", "./env", cwd=tmp_path) == ("file", None)
        assert self.origin("--controls", "env", cwd=tmp_path) == ("environment", "feature_flag")

    def test_the_environment_narrows_a_file(self, control_file: Path, tmp_path: Path) -> None:
        assert self.origin("--controls", str(control_file), cwd=tmp_path, SLOTGEN_AI_KILL="1") == (
            "file",
            "kill_switch",
        )

    def test_a_working_directory_that_is_gone(self, tmp_path: Path) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        leave = f'rmdir "{gone}"; exec "{SLOTGATE}" decide'
        run = subprocess.run(["sh", "-c", leave], input=spec(), cwd=gone, capture_output=True, check=False)
        assert (run.returncode, run.stdout) == (4, b"")
        assert b"working directory is gone" in run.stderr


def test_wrong_usage() -> None:
    code, records, errors = decide("--no-such-option", lines=[])
    assert (code, records) == (2, [])
    assert b"unrecognized arguments" in errors


@pytest.mark.parametrize("streams", ["<&-", ">&-", ">/dev/full"])
def test_streams_that_fail_are_said_in_words(control_file: Path, tmp_path: Path, streams: str) -> None:
    command = f'exec "{SLOTGATE}" decide --controls control.json {streams}'
    run = subprocess.run(["sh", "-c", command], input=spec(), cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith(b"slotgate: cannot read the job specs or write the decisions: ")
    assert run.stderr.count(b"\n") == 1
