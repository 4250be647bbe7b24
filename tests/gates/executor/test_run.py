"""A run in the process: which line and which result every way through it ends in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gates.controls.memory import HeldControls
from gates.decision import Admitted, CompiledControls, Denied
from gates.errors import InvalidInput
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.model import Completed, Failed, ModelClient, ModelOutcome, Prompt
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings
from schemas import check
from schemas.codes import ErrorCode, contradiction
from tests.gates.executor.builders import controls, slot_job, spec_bytes

NOON_NS = 1_795_348_800_123_000_000  # 2026-11-22T12:00:00.123Z
GOOD = Completed(output={"content": "text"})


def refused(code: ErrorCode, *, retryable: bool = False) -> Failed:
    return Failed(error_code=code, reason="test", retryable=retryable)


def run(
    spec: bytes,
    document: dict[str, Any] | None,
    outcomes: list[ModelOutcome] | None = None,
    settings: Settings | None = None,
) -> RunOutcome:
    clock = HeldClock(NOON_NS)
    model = ScriptedModel(outcomes or [], clock, lambda: 0.25)
    outcome = run_job(
        spec,
        source=HeldControls(document),
        open_model=lambda: model,
        settings=settings or Settings(),
        clock=clock,
    )
    assert_contracts_hold(outcome)
    return outcome


def assert_contracts_hold(outcome: RunOutcome) -> None:
    line = check.parse("slot-generation-telemetry.v1", outcome.line)
    assert contradiction(line["path"], line["status"], line["errorCode"]) is None
    assert outcome.line.count(b"\n") == 1
    assert (outcome.exit_code == 0) == (outcome.result is not None)
    if outcome.result is not None:
        result = check.parse("slot-generation-result.v1", outcome.result)
        assert result["jobId"] == line["jobId"]
        assert result["status"] == line["status"]


STUBS: list[tuple[str, dict[str, Any] | None, dict[str, Any], ErrorCode | None]] = [
    ("no controls", None, {}, ErrorCode.KILL_SWITCH),
    ("invalid controls", {"version": "controls.v1"}, {}, ErrorCode.KILL_SWITCH),
    ("kill", controls(kill=True), {}, ErrorCode.KILL_SWITCH),
    ("feature off", controls(feature=False), {}, None),
    ("no opt-in", controls(), {"allow_ai": None}, ErrorCode.NOT_ALLOWLISTED),
    ("opt-in false", controls(), {"allow_ai": False}, ErrorCode.NOT_ALLOWLISTED),
    (
        "more jobs than allowed",
        controls(),
        {"jobs": [slot_job(n) for n in range(101)]},
        ErrorCode.NOT_ALLOWLISTED,
    ),
    ("percent", controls(percent=0), {}, ErrorCode.ROLLOUT_EXCLUDED),
]


@pytest.mark.parametrize(
    ("document", "changes", "code"), [row[1:] for row in STUBS], ids=[row[0] for row in STUBS]
)
def test_a_denial_is_a_stub(
    document: dict[str, Any] | None, changes: dict[str, Any], code: ErrorCode | None
) -> None:
    outcome = run(spec_bytes(**changes), document)
    assert (outcome.path, outcome.status, outcome.error_code) == ("stub", "STUB", code)
    assert outcome.line == (
        b'{"version":"v1","executorVersion":"openai.v1","jobId":"job-00000","path":"stub","status":"STUB",'
        b'"latencyMs":0,"errorCode":' + json.dumps(code).encode() + b"}\n"
    )
    assert outcome.result == (
        b'{\n  "version": "v1",\n  "jobId": "job-00000",\n  "status": "STUB",\n'
        b'  "generatedAt": "2026-11-22T12:00:00.123Z",\n  "output": null\n}\n'
    )


def test_a_denial_opens_no_model() -> None:
    def open_model() -> ModelClient:
        raise AssertionError("opened")

    outcome = run_job(
        spec_bytes(), source=HeldControls(controls(kill=True)), open_model=open_model, settings=Settings()
    )
    assert outcome.broken_by is None
    assert outcome.exit_code == 0


def test_an_answer_is_passed_on() -> None:
    outcome = run(spec_bytes(), controls(), [Completed(output={"content": "Blätter sind grün 🌱"})])
    assert isinstance(outcome.decision, Admitted)
    assert outcome.line == (
        b'{"version":"v1","executorVersion":"openai.v1","jobId":"job-00000","path":"openai","status":"COMPLETED",'
        b'"latencyMs":250,"errorCode":null}\n'
    )
    assert outcome.result is not None
    assert "Blätter sind grün 🌱" in outcome.result.decode()
    assert json.loads(outcome.result)["output"] == {"content": "Blätter sind grün 🌱"}


@pytest.mark.parametrize(
    "code", sorted(set(ErrorCode) - {"KILL_SWITCH", "NOT_ALLOWLISTED", "ROLLOUT_EXCLUDED"})
)
def test_a_failure_has_a_line_and_no_result(code: ErrorCode) -> None:
    outcome = run(spec_bytes(), controls(), [refused(code)])
    assert (outcome.path, outcome.status, outcome.error_code) == ("openai", "FAILED", code)
    assert outcome.result is None
    assert outcome.exit_code == 1


def test_no_usable_key() -> None:
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=lambda: refused(ErrorCode.MISSING_API_KEY),
        settings=Settings(),
    )
    assert_contracts_hold(outcome)
    assert (outcome.path, outcome.error_code) == ("openai", "MISSING_API_KEY")


def test_the_line_names_the_run_and_the_executor() -> None:
    outcome = run(
        spec_bytes(jobId='rün \u2028\n"1"'), controls(kill=True), settings=Settings(executor_version="x.v2")
    )
    assert outcome.line.isascii()
    line = json.loads(outcome.line)
    assert line["jobId"] == 'rün \u2028\n"1"'
    assert line["executorVersion"] == "x.v2"


def test_several_jobs_join_into_one_result() -> None:
    answers: list[ModelOutcome] = [Completed(output={"content": str(n)}) for n in range(3)]
    outcome = run(spec_bytes(jobs=[slot_job(n) for n in range(3)]), controls(), answers)
    assert outcome.result is not None
    assert json.loads(outcome.result)["output"] == {
        "jobs": [
            {"jobId": f"job-0000{n}", "slotId": f"S{n}", "output": {"content": str(n)}} for n in range(3)
        ]
    }
    assert json.loads(outcome.line)["latencyMs"] == 750


def test_several_jobs_are_all_or_nothing() -> None:
    answers: list[ModelOutcome] = [GOOD, refused(ErrorCode.OPENAI_NON_JSON_CONTENT), GOOD]
    outcome = run(spec_bytes(jobs=[slot_job(n) for n in range(3)]), controls(), answers)
    assert outcome.error_code == "OPENAI_NON_JSON_CONTENT"
    assert outcome.result is None


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        spec_bytes()[:-1],
        spec_bytes(extra=1),
        spec_bytes(jobs=[]),
        spec_bytes(jobs=[slot_job(kind="poem")]),
        spec_bytes(jobId=None),
        b'{"version":"v1","version":"v1"}',
    ],
)
def test_a_broken_spec_is_refused_before_any_decision(broken: bytes) -> None:
    with pytest.raises(InvalidInput, match="correct it and run it again"):
        run(broken, controls())


@pytest.mark.parametrize("changes", [{"jobId": ""}, {"jobs": [slot_job(jobId="")]}])
def test_a_run_without_identity_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="empty `jobId`"):
        run(spec_bytes(**changes), controls())


class _Bug(ScriptedModel):
    def __init__(self, error: BaseException) -> None:
        super().__init__([])
        self._error = error

    def complete(self, prompt: Prompt) -> ModelOutcome:
        raise self._error


def _raise(error: BaseException) -> Any:
    raise error


BUGS: list[Callable[[], BaseException]] = [
    ValueError,
    MemoryError,
    RecursionError,
    KeyboardInterrupt,
    SystemExit,
]


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_behind_an_admission_still_ends_in_one_line(bug: Callable[[], BaseException]) -> None:
    openers: list[Callable[[], ModelClient]] = [lambda: _Bug(bug()), lambda: _raise(bug())]
    for opener in openers:
        outcome = run_job(
            spec_bytes(), source=HeldControls(controls()), open_model=opener, settings=Settings()
        )
        assert_contracts_hold(outcome)
        assert (outcome.path, outcome.error_code) == ("openai", "OPENAI_REQUEST_FAILED")
        assert type(outcome.broken_by) is type(bug())


def test_a_bug_of_the_private_log_costs_the_stub_result_but_not_the_line() -> None:
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(None),
        open_model=lambda: ScriptedModel([]),
        settings=Settings(),
        record=lambda _entry: _raise(ValueError()),
    )
    assert_contracts_hold(outcome)
    assert (outcome.path, outcome.exit_code) == ("stub", 1)


class _BrokenSource:
    def current(self) -> CompiledControls:
        raise OSError("disk on fire")


def test_a_source_that_breaks_its_promise_denies() -> None:
    outcome = run_job(
        spec_bytes(), source=_BrokenSource(), open_model=lambda: ScriptedModel([GOOD]), settings=Settings()
    )
    assert_contracts_hold(outcome)
    assert isinstance(outcome.decision, Denied)
    assert (outcome.path, outcome.error_code) == ("stub", "KILL_SWITCH")


def test_an_answer_too_deep_to_be_written_is_no_answer() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    outcome = run(spec_bytes(), controls(), [Completed(output=deep)])
    assert outcome.error_code == "OPENAI_NON_JSON_CONTENT"


def test_a_clock_that_runs_backwards_gives_no_negative_latency() -> None:
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(None),
        open_model=lambda: ScriptedModel([]),
        settings=Settings(),
        clock=HeldClock(5),
        started_ns=10**12,
    )
    assert outcome.latency_ms == 0
