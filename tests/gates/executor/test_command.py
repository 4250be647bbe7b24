"""`slotgate run` as a process: streams, exit codes, configuration, keys."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.demo.openai_stub import Behaviour, StubServer
from schemas import check
from schemas.codes import OPENAI_CODES
from schemas.export import json_schema
from tests.gates.executor.builders import (
    KEY,
    SLOTGATE,
    allowlist,
    controls,
    environment,
    home_with,
    only_line,
    open_gates,
    slot_job,
    slotgate_run,
    spec_bytes,
)


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    with StubServer() as running:
        yield running


def test_a_stub_run_by_the_environment(tmp_path: Path) -> None:
    ended = slotgate_run(spec_bytes(), environment(), tmp_path)
    assert ended.returncode == 0
    line = only_line(ended.stderr)
    assert (line["path"], line["status"], line["errorCode"]) == ("stub", "STUB", None)
    assert list(line) == ["version", "executorVersion", "jobId", "path", "status", "latencyMs", "errorCode"]
    result = check.parse("slot-generation-result.v1", ended.stdout)
    assert ended.stdout == (json.dumps(result, indent=2) + "\n").encode()
    assert list(tmp_path.iterdir()) == []


def test_a_completed_run(tmp_path: Path, server: StubServer) -> None:
    server.behave(Behaviour())
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    ended = slotgate_run(spec_bytes(jobs=[slot_job(0), slot_job(1)]), env, tmp_path)
    assert ended.returncode == 0
    line = only_line(ended.stderr)
    assert (line["path"], line["status"], line["errorCode"]) == ("openai", "COMPLETED", None)
    result = check.parse("slot-generation-result.v1", ended.stdout)
    assert [job["jobId"] for job in result["output"]["jobs"]] == ["job-00000", "job-00001"]


FAILURES = {
    "500": "OPENAI_HTTP_ERROR",
    "reset": "OPENAI_REQUEST_FAILED",
    "html": "OPENAI_NON_JSON_RESPONSE",
    "no-choices": "OPENAI_MISSING_CONTENT",
    "prose": "OPENAI_NON_JSON_CONTENT",
    "non-object": "OPENAI_OUTPUT_NOT_OBJECT",
    "echo-content": "OPENAI_MISSING_CONTENT",
    "echo-error": "OPENAI_HTTP_ERROR",
}


@pytest.mark.parametrize(("scenario", "code"), FAILURES.items())
def test_a_failed_run(tmp_path: Path, server: StubServer, scenario: str, code: str) -> None:
    server.behave(Behaviour(scenarios={scenario: 1.0}))
    home = home_with(tmp_path / "home")
    env = environment(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url, OPENAI_LOG="debug")
    ended = slotgate_run(spec_bytes(), env, tmp_path, ["--home", str(home)])
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert only_line(ended.stderr)["errorCode"] == code
    log = home / "log" / "executor.log"
    assert json.loads(log.read_bytes())["errorCode"] == code
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700
    assert KEY.encode() not in ended.stderr + log.read_bytes()


@pytest.mark.parametrize("variables", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": f"{KEY}\n"}])
def test_no_usable_key(tmp_path: Path, variables: dict[str, str]) -> None:
    ended = slotgate_run(spec_bytes(), open_gates(tmp_path, **variables), tmp_path)
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert only_line(ended.stderr)["errorCode"] == "MISSING_API_KEY"
    assert KEY.encode() not in ended.stderr


REFUSED: list[bytes] = [
    b"",
    b"{}",
    b"\x00\xff\xfe" * 100,
    os.urandom(5_000),
    spec_bytes(jobId=""),
    b" " * (9 << 20),
]


@pytest.mark.parametrize("stdin", REFUSED, ids=["empty", "object", "binary", "random", "no identity", "huge"])
def test_an_invalid_spec(tmp_path: Path, stdin: bytes) -> None:
    ended = slotgate_run(stdin, open_gates(tmp_path), tmp_path)
    assert ended.returncode == 3
    assert ended.stdout == b""
    assert ended.stderr.startswith(b"slotgate: the job spec")
    assert b"executorVersion" not in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_an_invalid_spec_cannot_speak_on_stderr(tmp_path: Path) -> None:
    record = {
        "version": "v1",
        "executorVersion": "x",
        "jobId": "spoofed",
        "path": "openai",
        "status": "COMPLETED",
        "latencyMs": 1,
    }
    text = json.dumps(record, separators=(",", ":"))
    for stdin in (
        spec_bytes(version=record),
        spec_bytes(jobId=record),
        spec_bytes(**{text: 1}),
        spec_bytes(**{f"\n{text}\n\x1b[2J": 1}),
        spec_bytes(jobs=[record]),
    ):
        ended = slotgate_run(stdin, environment(), tmp_path)
        assert ended.returncode == 3
        assert ended.stderr.count(b"\n") == 1
        assert b'"executorVersion"' not in ended.stderr
        assert b"\x1b" not in ended.stderr


def test_the_config_is_found_by_option_variable_and_home(tmp_path: Path) -> None:
    home = home_with(
        tmp_path / "home",
        controls(kill=True),
        executor={"version": "executor-config.v1", "executorVersion": "home.v1"},
    )
    option, variable = tmp_path / "option.json", tmp_path / "variable.json"
    option.write_text('{"version":"executor-config.v1","executorVersion":"option.v1"}')
    variable.write_text('{"version":"executor-config.v1","executorVersion":"variable.v1"}')

    def version(words: list[str], **variables: str) -> Any:
        ended = slotgate_run(spec_bytes(), environment(**variables), tmp_path, words)
        return only_line(ended.stderr)["executorVersion"]

    at_home = ["--home", str(home)]
    assert version([]) == "openai.v1"
    assert version(at_home) == "home.v1"
    assert version(at_home, SLOTGATE_EXECUTOR_CONFIG=str(variable)) == "variable.v1"
    assert version([*at_home, "--config", str(option)], SLOTGATE_EXECUTOR_CONFIG=str(variable)) == "option.v1"
    assert version([*at_home, f"--config={option}"]) == "option.v1"


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", 3), ('{"temperature":3}', 3), ('{"attempts":true}', 3), ('{"unknown":1}', 3), (None, 4)],
)
def test_an_unusable_config_ends_before_any_decision(tmp_path: Path, content: str | None, code: int) -> None:
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content)
    ended = slotgate_run(spec_bytes(), open_gates(tmp_path), tmp_path, ["--config", str(path)])
    assert ended.returncode == code
    assert ended.stdout == b""
    assert b"executorVersion" not in ended.stderr


def test_a_home_without_a_control_file_is_a_stub(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    ended = slotgate_run(spec_bytes(), open_gates(tmp_path), tmp_path, ["--home", str(home)])
    assert ended.returncode == 0
    assert only_line(ended.stderr)["errorCode"] == "KILL_SWITCH"
    entry = json.loads((home / "log" / "executor.log").read_bytes())
    assert entry["event"] == "controls unknown"
    assert "missing" in entry["reason"]


def test_the_attempts_and_the_api_of_the_config(tmp_path: Path, server: StubServer) -> None:
    server.behave(Behaviour(scenarios={"503": 1.0}))
    home = home_with(
        tmp_path / "home", executor={"version": "executor-config.v1", "attempts": 2, "api": "responses"}
    )
    before = len(server.received)
    env = environment(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
    ended = slotgate_run(spec_bytes(), env, tmp_path, ["--home", str(home)])
    assert only_line(ended.stderr)["errorCode"] == "OPENAI_HTTP_ERROR"
    assert [request.path for request in server.received[before:]] == ["/v1/responses"] * 2


@pytest.mark.parametrize("proxy", ["none", "environment"])
def test_proxies_are_heeded_only_when_the_config_says_so(
    tmp_path: Path, server: StubServer, proxy: str
) -> None:
    server.behave(Behaviour())
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"version": "executor-config.v1", "proxy": proxy}))
    dead = "http://127.0.0.1:9"
    env = open_gates(
        tmp_path,
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=server.base_url,
        HTTP_PROXY=dead,
        HTTPS_PROXY=dead,
        ALL_PROXY=dead,
    )
    ended = slotgate_run(spec_bytes(), env, tmp_path, ["--config", str(config)])
    code = only_line(ended.stderr)["errorCode"]
    assert code == (None if proxy == "none" else "OPENAI_REQUEST_FAILED")


def test_several_jobs_need_a_rule_that_covers_them(tmp_path: Path) -> None:
    env = open_gates(tmp_path)
    (tmp_path / "allowlist.json").write_text(json.dumps(allowlist(max_jobs=1)))
    ended = slotgate_run(spec_bytes(jobs=[slot_job(0), slot_job(1)]), env, tmp_path)
    assert only_line(ended.stderr)["errorCode"] == "NOT_ALLOWLISTED"


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ended = subprocess.run(
        ["/bin/sh", "-c", f"rmdir '{gone}'; exec {SLOTGATE} run"],
        input=spec_bytes(),
        env=open_gates(tmp_path),
        cwd=gone,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 4
    assert ended.stderr == b"slotgate: the working directory is gone; start from a folder that exists\n"


@pytest.mark.parametrize("broken", ["raise ImportError", "raise SystemExit(0)", "1/0", "raise MemoryError"])
def test_an_sdk_that_does_not_load_still_gives_one_line(tmp_path: Path, broken: str) -> None:
    (tmp_path / "openai.py").write_text(broken)
    env = open_gates(tmp_path, OPENAI_API_KEY=KEY, PYTHONPATH=str(tmp_path))
    ended = subprocess.run(
        [SLOTGATE, "run"],
        input=spec_bytes(),
        env=env,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == b""
    line, sentence = ended.stderr.splitlines()
    assert json.loads(line)["errorCode"] == "OPENAI_REQUEST_FAILED"
    assert sentence.startswith(b"slotgate: the run broke: ")


def test_the_documentation_names_every_setting_and_every_code() -> None:
    text = (Path(__file__).parents[3] / "docs" / "executor.md").read_text()
    keys = json_schema("executor-config.v1")["properties"]
    for name in [*keys, *OPENAI_CODES]:
        assert f"`{name}`" in text


def test_a_run_on_a_home_tells_what_the_gates_look_at(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", controls(kill=True))
    for allow_ai in (True, None):
        ended = slotgate_run(spec_bytes(allow_ai=allow_ai), environment(), tmp_path, ["--home", str(home)])
        assert ended.returncode == 0
    (path,) = (home / "specs").iterdir()
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["jobId"], one["allowAI"]) for one in told] == [("job-00000", True), ("job-00000", False)]
    assert sorted(told[0]) == ["allowAI", "appliesTo", "at", "jobId", "jobs", "version"]
    assert told[0]["jobs"] == [{"slotId": "S0", "kind": "explanatory"}]
    assert "photosynthesis" not in path.read_text()


def test_what_cannot_be_told_changes_nothing(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", controls(kill=True))
    (home / "specs").write_text("no folder")
    ended = slotgate_run(spec_bytes(), environment(), tmp_path, ["--home", str(home)])
    assert (ended.returncode, only_line(ended.stderr)["errorCode"]) == (0, "KILL_SWITCH")
    assert json.loads(ended.stdout)["status"] == "STUB"
