"""The gate before every call, attempts, and the waits between them."""

import json
from typing import Any

import pytest

from gates.controls.memory import HeldControls
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.generate import LONGEST_BACKOFF_S, backoff_s
from gates.executor.model import Completed, Failed, ModelOutcome, Prompt
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings
from schemas.codes import ErrorCode
from tests.gates.executor.builders import controls, slot_job, spec_bytes

GOOD = Completed(output={"content": "text"})
BUSY = Failed(error_code=ErrorCode.OPENAI_HTTP_ERROR, reason="429", retryable=True)
DOWN = Failed(error_code=ErrorCode.OPENAI_REQUEST_FAILED, reason="reset", retryable=True)
FINAL = Failed(error_code=ErrorCode.OPENAI_MISSING_CONTENT, reason="refusal")
TWO_JOBS = spec_bytes(jobs=[slot_job(0), slot_job(1)])


class KillingModel(ScriptedModel):
    """Pulls the kill switch during its `at`-th call."""

    def __init__(self, outcomes: list[ModelOutcome], source: HeldControls, at: int) -> None:
        super().__init__(outcomes)
        self._source = source
        self._at = at

    def complete(self, prompt: Prompt) -> ModelOutcome:
        outcome = super().complete(prompt)
        if len(self.prompts) == self._at:
            self._source.put(controls(kill=True))
        return outcome


def killed_during_call(
    at: int, outcomes: list[ModelOutcome], spec: bytes, attempts: int
) -> tuple[RunOutcome, int]:
    source = HeldControls(controls())
    model = KillingModel(outcomes, source, at)
    outcome = run_job(
        spec, source=source, open_model=lambda: model, settings=Settings(attempts=attempts), clock=HeldClock()
    )
    return outcome, len(model.prompts)


def test_a_kill_before_the_first_call_is_a_stub() -> None:
    source = HeldControls(controls())
    model = ScriptedModel([GOOD])

    def open_model() -> ScriptedModel:  # loading the SDK takes long enough for a kill
        source.put(controls(kill=True))
        return model

    outcome = run_job(spec_bytes(), source=source, open_model=open_model, settings=Settings())
    assert (outcome.path, outcome.status, outcome.error_code) == ("stub", "STUB", "KILL_SWITCH")
    assert json.loads(outcome.result or b"")["status"] == "STUB"
    assert model.prompts == []


KILLS: list[tuple[str, int, list[ModelOutcome], bytes, int, str | None, int]] = [
    ("the call under way may end", 1, [GOOD], spec_bytes(), 1, None, 1),
    ("no second attempt", 1, [BUSY, GOOD], spec_bytes(), 3, "OPENAI_HTTP_ERROR", 1),
    ("the last failure speaks", 2, [BUSY, DOWN, GOOD], spec_bytes(), 3, "OPENAI_REQUEST_FAILED", 2),
    ("no second job", 1, [GOOD, GOOD], TWO_JOBS, 1, "OPENAI_REQUEST_FAILED", 1),
    ("a mended failure is no failure", 2, [BUSY, GOOD, GOOD], TWO_JOBS, 2, "OPENAI_REQUEST_FAILED", 2),
]


@pytest.mark.parametrize(
    ("at", "outcomes", "spec", "attempts", "code", "calls"),
    [row[1:] for row in KILLS],
    ids=[row[0] for row in KILLS],
)
def test_a_kill_during_a_run(
    at: int, outcomes: list[ModelOutcome], spec: bytes, attempts: int, code: str | None, calls: int
) -> None:
    outcome, called = killed_during_call(at, outcomes, spec, attempts)
    assert outcome.path == "openai", "a call was made, and the line says so"
    assert outcome.error_code == code
    assert called == calls


ATTEMPTS: list[tuple[list[ModelOutcome], int, int, str | None]] = [
    ([BUSY, GOOD], 1, 1, "OPENAI_HTTP_ERROR"),
    ([BUSY, GOOD], 2, 2, None),
    ([BUSY, DOWN, GOOD], 3, 3, None),
    ([BUSY, DOWN, DOWN], 3, 3, "OPENAI_REQUEST_FAILED"),
    ([FINAL, GOOD], 3, 1, "OPENAI_MISSING_CONTENT"),
    ([BUSY, FINAL, GOOD], 3, 2, "OPENAI_MISSING_CONTENT"),
]


@pytest.mark.parametrize(("outcomes", "attempts", "calls", "code"), ATTEMPTS)
def test_attempts(outcomes: list[ModelOutcome], attempts: int, calls: int, code: str | None) -> None:
    model = ScriptedModel(outcomes)
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=lambda: model,
        settings=Settings(attempts=attempts),
        clock=HeldClock(),
    )
    assert outcome.error_code == code
    assert len(model.prompts) == calls
    assert len(set(model.prompts)) == 1, "every attempt asks the same"


def test_every_job_has_its_own_attempts_and_its_own_prompt() -> None:
    model = ScriptedModel([BUSY, GOOD, BUSY, GOOD])
    outcome = run_job(
        TWO_JOBS,
        source=HeldControls(controls()),
        open_model=lambda: model,
        settings=Settings(attempts=2),
        clock=HeldClock(),
    )
    assert outcome.error_code is None
    assert ['"slotId":"S1"' in prompt.user for prompt in model.prompts] == [False, False, True, True]


@pytest.mark.parametrize(
    ("failures", "retry_after_s", "expected"),
    [
        (1, None, 0.8),
        (2, None, 1.6),
        (3, None, 3.2),
        (4, None, 5.0),
        (9, None, 5.0),
        (1, 2.0, 2.0),
        (1, 900.0, 5.0),
    ],
)
def test_backoff_doubles_is_spread_by_bucket_and_bounded(
    failures: int, retry_after_s: float | None, expected: float
) -> None:
    # job-00000 is in bucket 60
    assert backoff_s(failures, retry_after_s, "job-00000") == pytest.approx(expected)
    assert expected <= LONGEST_BACKOFF_S


def test_waits_count_as_latency() -> None:
    model = ScriptedModel([BUSY, GOOD])
    outcome = run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=lambda: model,
        settings=Settings(attempts=2),
        clock=HeldClock(),
    )
    assert outcome.latency_ms == 800


def test_the_private_log_gets_one_entry_a_call() -> None:
    entries: list[Any] = []
    run_job(
        spec_bytes(),
        source=HeldControls(controls()),
        open_model=lambda: ScriptedModel([BUSY, GOOD]),
        settings=Settings(attempts=2),
        clock=HeldClock(),
        record=entries.append,
    )
    assert [(entry["attempt"], entry["errorCode"]) for entry in entries] == [
        (1, "OPENAI_HTTP_ERROR"),
        (2, None),
    ]
    assert entries[0]["configDigest"] == entries[1]["configDigest"]
