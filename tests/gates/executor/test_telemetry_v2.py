"""The v2 line: asked for or not, what it says for every way through a run, and what calls cost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.demo.openai_stub import Behaviour, StubServer
from gates.controls.memory import HeldControls
from gates.decision import bucket
from gates.decision.claims import claims_contradiction
from gates.executor.classify import MOST_TOKENS, Reply, classify
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.model import Completed, Failed, ModelOutcome, Prompt, Usage, WireFacts
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Api, Settings, telemetry_version
from gates.executor.telemetry_v2 import LAST_REVISION
from schemas import check, telemetry_v2
from schemas.codes import ErrorCode, contradiction
from tests.gates.executor.builders import (
    KEY,
    controls,
    environment,
    home_with,
    only_line,
    open_gates,
    slot_job,
    slotgate_run,
    spec_bytes,
)
from tests.warm import commands

NOON_NS = 1_795_348_800_123_000_000  # 2026-11-22T12:00:00.123Z
V1_KEYS = ["version", "executorVersion", "jobId", "path", "status", "latencyMs", "errorCode"]


def answered(given: int, made: int, request_id: str | None = None) -> Completed:
    usage = Usage(input_tokens=given, output_tokens=made, total_tokens=given + made)
    return Completed(
        output={"content": "text"}, facts=WireFacts(http_status=200, request_id=request_id, usage=usage)
    )


BUSY = Failed(
    error_code=ErrorCode.OPENAI_HTTP_ERROR, reason="429", retryable=True, facts=WireFacts(http_status=429)
)
SILENT = Failed(error_code=ErrorCode.OPENAI_REQUEST_FAILED, reason="timeout", retryable=True)


def run(
    document: dict[str, Any] | None,
    outcomes: list[ModelOutcome] | None = None,
    spec: bytes | None = None,
    attempts: int = 1,
) -> dict[str, Any]:
    clock = HeldClock(NOON_NS)
    outcome = run_job(
        spec or spec_bytes(),
        source=HeldControls(document),
        open_model=lambda: ScriptedModel(outcomes or [], clock, lambda: 0.25),
        settings=Settings(attempts=attempts),
        telemetry="v2",
        clock=clock,
    )
    return line_of(outcome)


def line_of(outcome: RunOutcome) -> dict[str, Any]:
    line: dict[str, Any] = check.parse("slot-generation-telemetry.v2", outcome.line)
    assert outcome.line.count(b"\n") == 1
    assert list(line)[:7] == V1_KEYS
    assert line["bucket"] == bucket(line["jobId"])
    assert contradiction(line["path"], line["status"], line["errorCode"]) is None
    assert (
        claims_contradiction(
            path=line["path"],
            status=line["status"],
            error_code=line["errorCode"],
            gate=line["gate"],
            attempt=line["attempt"],
            tells_model=line["model"] is not None,
            tells_usage=line["usage"] is not None,
        )
        is None
    )
    return line


@pytest.mark.parametrize("text", [None, "", "v1", "V2", "v2 ", "2", "true", "v3"])
def test_only_v2_asks_for_v2(text: str | None) -> None:
    assert telemetry_version(text) == "v1"
    assert telemetry_version("v2") == "v2"


DENIED: list[tuple[str, dict[str, Any] | None, dict[str, Any]]] = [
    ("controls", None, {"controlsRevision": None, "ruleId": None}),
    ("kill_switch", controls(kill=True), {"controlsRevision": 7, "ruleId": None}),
    ("feature_flag", controls(feature=False), {"controlsRevision": 7, "ruleId": None}),
    ("rollout", controls(percent=0), {"controlsRevision": 7, "ruleId": "biology"}),
]


@pytest.mark.parametrize(("gate", "document", "expected"), DENIED, ids=[row[0] for row in DENIED])
def test_a_stub_names_its_gate_and_no_call(
    gate: str, document: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    line = run(document)
    assert line["path"] == "stub"
    assert {key: line[key] for key in line if key not in V1_KEYS} == {
        "emittedAt": "2026-11-22T12:00:00.123Z",
        "gate": gate,
        "bucket": bucket("job-00000"),
        "attempt": 0,
        "model": None,
        "usage": None,
        "requestId": None,
        **expected,
    }


def test_an_answer_tells_its_tokens() -> None:
    line = run(controls(), [answered(100, 50, "req_1")])
    assert {key: line[key] for key in line if key not in V1_KEYS} == {
        "emittedAt": "2026-11-22T12:00:00.373Z",
        "controlsRevision": 7,
        "gate": None,
        "ruleId": "biology",
        "bucket": bucket("job-00000"),
        "attempt": 1,
        "model": "gpt-4.1",
        "usage": {"inputTokens": 100, "outputTokens": 50, "totalTokens": 150},
        "requestId": "req_1",
    }


USAGES: list[tuple[str, list[ModelOutcome], int, dict[str, int] | None]] = [
    ("two jobs", [answered(1, 2), answered(10, 20)], 2, {"in": 11, "out": 22}),
    ("refused, then answered", [BUSY, answered(1, 2), answered(10, 20)], 3, {"in": 11, "out": 22}),
    ("refused throughout", [BUSY, BUSY, BUSY], 3, {"in": 0, "out": 0}),
    ("no answer once: a part is not the whole", [SILENT, answered(1, 2), answered(10, 20)], 3, None),
    ("an answer that does not tell", [answered(1, 2), Completed(output={"content": "x"})], 2, None),
]


@pytest.mark.parametrize(
    ("outcomes", "calls", "usage"), [row[1:] for row in USAGES], ids=[row[0] for row in USAGES]
)
def test_usage_is_of_all_calls_or_unknown(
    outcomes: list[ModelOutcome], calls: int, usage: dict[str, int] | None
) -> None:
    two = spec_bytes(jobs=[slot_job(0), slot_job(1)])
    line = run(controls(), outcomes, two, attempts=3)
    assert line["attempt"] == calls
    assert line["usage"] == (
        usage
        and {
            "inputTokens": usage["in"],
            "outputTokens": usage["out"],
            "totalTokens": usage["in"] + usage["out"],
        }
    )


def test_a_call_that_broke_is_counted_and_its_cost_unknown() -> None:
    class Broken:
        def complete(self, prompt: Prompt) -> ModelOutcome:
            raise OSError(prompt.user)

    outcome = run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=Broken,
        settings=Settings(),
        telemetry="v2",
    )
    line = line_of(outcome)
    assert (line["errorCode"], line["attempt"], line["usage"]) == ("OPENAI_REQUEST_FAILED", 1, None)
    assert "photosynthesis" not in outcome.line.decode()


def test_a_missing_key_made_no_call() -> None:
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=lambda: Failed(error_code=ErrorCode.MISSING_API_KEY, reason="none"),
        settings=Settings(),
        telemetry="v2",
    )
    line = line_of(outcome)
    assert (line["path"], line["attempt"], line["model"], line["usage"]) == ("openai", 0, None, None)


def test_a_gate_that_closes_between_calls_leaves_the_decision_that_let_them_go() -> None:
    source = HeldControls(controls())

    class Killing(ScriptedModel):
        def complete(self, prompt: Prompt) -> ModelOutcome:
            source.put(controls(kill=True, revision=8))
            return super().complete(prompt)

    outcome = run_job(
        spec_bytes(),
        source=source,
        open_model=lambda: Killing([BUSY]),
        settings=Settings(attempts=2),
        telemetry="v2",
        clock=HeldClock(),
    )
    line = line_of(outcome)
    assert (line["path"], line["controlsRevision"], line["gate"], line["attempt"]) == ("openai", 7, None, 1)
    assert outcome.decision.revision == 8


REPLIES: list[tuple[Api, Any, Usage | None]] = [
    ("chat_completions", {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}, Usage(
        input_tokens=3, output_tokens=2, total_tokens=5)),
    ("responses", {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}, Usage(
        input_tokens=3, output_tokens=2, total_tokens=5)),
    ("responses", {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}, None),
    ("chat_completions", {"prompt_tokens": 3, "completion_tokens": 2}, None),
    ("chat_completions", {"prompt_tokens": -1, "completion_tokens": 2, "total_tokens": 1}, None),
    ("chat_completions", {"prompt_tokens": True, "completion_tokens": 2, "total_tokens": 3}, None),
    ("chat_completions", {"prompt_tokens": 1.0, "completion_tokens": 2, "total_tokens": 3}, None),
    ("chat_completions", {"prompt_tokens": MOST_TOKENS + 1, "completion_tokens": 2, "total_tokens": 3}, None),
    ("chat_completions", [3, 2, 5], None),
    ("chat_completions", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("api", "said", "expected"), REPLIES)
def test_the_tokens_of_a_reply(api: Api, said: Any, expected: Usage | None) -> None:
    envelope = {"choices": [], "output": [], "usage": said}
    outcome = classify(api, Reply(status=200, body=json.dumps(envelope).encode()))
    assert isinstance(outcome, Failed)  # what was answered in vain was paid for all the same
    assert outcome.facts.usage == expected


def test_no_reply_can_make_a_line_that_the_contract_refuses() -> None:
    assert (MOST_TOKENS, LAST_REVISION) == (telemetry_v2.MOST_TOKENS, telemetry_v2.LAST_REVISION)
    most = answered(MOST_TOKENS // 2, MOST_TOKENS // 2)
    assert run(controls(), [most])["usage"]["totalTokens"] == MOST_TOKENS
    two = spec_bytes(jobs=[slot_job(0), slot_job(1)])
    assert run(controls(revision=LAST_REVISION + 1), [most, most], two)["usage"] is None


def test_through_the_command(tmp_path: Path) -> None:
    with StubServer() as server:
        server.behave(Behaviour())
        env = open_gates(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url)
        longer = only_line(slotgate_run(spec_bytes(), env | {"SLOTGEN_TELEMETRY": "v2"}, tmp_path).stderr)
    stubbed = env | {"SLOTGEN_AI_KILL": "true", "SLOTGEN_TELEMETRY": "v3"}
    other = only_line(slotgate_run(spec_bytes(), stubbed, tmp_path).stderr)
    assert (longer["version"], longer["attempt"], longer["usage"]["totalTokens"]) == ("v2", 1, 150)
    assert list(other) == V1_KEYS


def test_a_stub_of_a_home_says_its_revision(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home", controls(kill=True))
    env = {"SLOTGEN_TELEMETRY": "v2", "PATH": "/usr/bin:/bin"}
    line = only_line(slotgate_run(spec_bytes(), env, tmp_path, ("--home", str(home))).stderr)
    assert (line["gate"], line["controlsRevision"], line["version"]) == ("kill_switch", 7, "v2")


@pytest.mark.parametrize("value", ["v2", "v1", "x"])
def test_exec_passes_the_variable_through_untouched(tmp_path: Path, value: str) -> None:
    home = home_with(tmp_path / "home", controls(kill=True))
    env = environment(SLOTGEN_TELEMETRY=value)
    said = commands.run(
        tmp_path, "exec", "--home", str(home), "--", "sh", "-c", "echo $SLOTGEN_TELEMETRY", environ=env
    )
    assert said.stdout == f"{value}\n".encode()


def test_a_stub_of_v1_loads_nothing_of_v2(tmp_path: Path) -> None:
    code = (
        "import sys; from dashboard.cli import main; main(['run']);"
        " print({'gates.executor.telemetry_v2', 'gates.executor.calls'} & {*sys.modules}, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        input=spec_bytes(),
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert ended.stderr.splitlines()[-1] == b"set()"
