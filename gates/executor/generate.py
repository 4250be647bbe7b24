"""The admitted part of a run: one model call a job, in order, all or nothing.

The gate is asked again right before every call, each attempt of each job, so a kill reaches a run
that is already under way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from gates.decision import Admitted, Decision, Denied, bucket
from gates.executor.calls import Calls
from gates.executor.clock import Clock
from gates.executor.config_digest import config_digest
from gates.executor.model import Completed, Failed, ModelClient, ModelOpener
from gates.executor.prompt import build_prompt
from gates.executor.settings import Settings
from schemas.codes import ErrorCode

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 5.0

Record = Callable[[Mapping[str, Any]], None]
"""Takes an entry for the private log; never raises."""


@dataclass(frozen=True, slots=True)
class Stubbed:
    """A gate denied before any call was made."""

    decision: Denied


@dataclass(frozen=True, slots=True)
class Answered:
    """One JSON object a job, in order."""

    outputs: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The model was to be called, and the run has no result."""

    error_code: ErrorCode
    reason: str


Ending = Stubbed | Answered | Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One admitted run. `ask_gate` decides anew, on the controls of that moment; `calls` counts along."""

    spec: Mapping[str, Any]
    job_id: str
    ask_gate: Callable[[], Decision]
    open_model: ModelOpener
    settings: Settings
    clock: Clock
    record: Record
    calls: Calls

    def run(self) -> Ending:
        """Fill every job of the spec; the first that fails ends the run."""
        model = self.open_model()
        if isinstance(model, Failed):
            self._note(0, 0, model)
            return Unanswered(model.error_code, model.reason)
        outputs: list[dict[str, Any]] = []
        for position in range(len(self.spec["jobs"])):
            ending = self._one(model, position, is_first=position == 0)
            if not isinstance(ending, Completed):
                return ending
            outputs.append(ending.output)
        return Answered(tuple(outputs))

    def _one(self, model: ModelClient, position: int, *, is_first: bool) -> Completed | Stubbed | Unanswered:
        prompt = build_prompt(self.spec, position, self.settings.system_prompt)
        failure: Failed | None = None
        for attempt in range(1, self.settings.attempts + 1):
            if failure is not None:
                self.clock.sleep(backoff_s(attempt - 1, failure.retry_after_s, self.job_id))
            decision = self.ask_gate()
            match decision:
                case Denied():
                    return self._closed(decision, failure, called=failure is not None or not is_first)
                case Admitted():
                    pass
                case _:
                    assert_never(decision)
            began_ns = self.clock.monotonic_ns()
            self.calls.begin()
            outcome = model.complete(prompt)
            self.calls.end(outcome)
            self._note(position, attempt, outcome, self.clock.monotonic_ns() - began_ns)
            match outcome:
                case Completed():
                    return outcome
                case Failed():
                    failure = outcome
                case _:
                    assert_never(outcome)
            if not failure.retryable:
                break
        assert failure is not None  # settings.attempts is at least 1
        return Unanswered(failure.error_code, failure.reason)

    @staticmethod
    def _closed(decision: Denied, failure: Failed | None, *, called: bool) -> Stubbed | Unanswered:
        """A gate closed under way. Once a call was made, the line must say so."""
        if not called:
            return Stubbed(decision)
        code = ErrorCode.OPENAI_REQUEST_FAILED if failure is None else failure.error_code
        return Unanswered(code, f"gate {decision.gate} closed between two calls: {decision.reason}")

    def _note(
        self, position: int, attempt: int, outcome: Completed | Failed, took_ns: int | None = None
    ) -> None:
        failed = outcome if isinstance(outcome, Failed) else None
        self.record(
            {
                "event": "call" if attempt else "no call",
                "runJobId": self.job_id,
                "model": self.settings.model,
                "configDigest": config_digest(self.settings),
                "position": position,
                "attempt": attempt,
                "errorCode": failed and failed.error_code,
                "reason": failed and failed.reason,
                "httpStatus": outcome.facts.http_status,
                "requestId": outcome.facts.request_id,
                "finishReason": outcome.facts.finish_reason,
                "tookMs": None if took_ns is None else took_ns // 1_000_000,
            }
        )


def backoff_s(failures: int, retry_after_s: float | None, job_id: str) -> float:
    """Seconds to wait after so many failed attempts: doubling, or what the server asked for; at most 5.

    The spread between jobs comes from the job's bucket, so that the same run waits the same time.
    """
    doubling = FIRST_BACKOFF_S * float(2 ** (failures - 1)) * (1 + bucket(job_id) / 100)
    return min(LONGEST_BACKOFF_S, max(doubling, retry_after_s or 0.0))
