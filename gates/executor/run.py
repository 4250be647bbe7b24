"""One run, from the bytes of a job spec to its telemetry line and result. No I/O of its own.

Once a decision was taken, every way out of here ends in exactly one line: a denial is a stub, and
whatever breaks behind an admission is `openai` FAILED. Exposure is never hidden.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from gates.decision import (
    Admitted,
    Decision,
    Denied,
    Job,
    decide,
    job_from_spec,
    unknown_controls,
)
from gates.errors import InvalidInput
from gates.executor.clock import Clock, SystemClock, millisecond_timestamp
from gates.executor.quoting import quotable
from gates.executor.result import joined_output, result_bytes
from gates.executor.settings import Settings, TelemetryVersion
from gates.executor.telemetry_line import line_of, record_of
from schemas import check
from schemas.codes import ErrorCode, Path, Status
from schemas.errors import ContractError

if TYPE_CHECKING:  # the stub path must not pay for what it does not use
    from gates.controls.source import ControlSource
    from gates.executor.calls import Calls
    from gates.executor.generate import Ending, Record
    from gates.executor.model import ModelOpener

SPEC_CONTRACT = "slot-generation.v1"
SUCCEEDED = 0
FAILED = 1

Interruptible = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended.

    `line` is the telemetry line for stderr, `result` the document for stdout or null when there is
    none. `decision` is the last one taken. `broken_by` is the exception that ended the run early.
    """

    job_id: str
    path: Path
    status: Status
    error_code: ErrorCode | None
    latency_ms: int
    decision: Decision
    line: bytes
    result: bytes | None
    broken_by: BaseException | None = None

    @property
    def exit_code(self) -> int:
        """0 when there is a result, else 1."""
        return FAILED if self.result is None else SUCCEEDED


def run_job(
    spec_bytes: bytes,
    *,
    source: "ControlSource",
    open_model: "ModelOpener",
    settings: Settings,
    telemetry: TelemetryVersion = "v1",
    clock: Clock | None = None,
    record: "Record | None" = None,
    note_job: Callable[[Job], None] | None = None,
    started_ns: int | None = None,
    interruptible: Interruptible = nullcontext,
) -> RunOutcome:
    """Decide one job spec, and call the model when every gate passes.

    `telemetry` is the version of the line. `started_ns` is the clock's monotonic time at which the
    process began, now if not given. `record` takes the entries of the private log, `note_job` the job,
    once it was decided. Inside `interruptible()` a signal may raise.
    Raises `InvalidInput` for a spec that is no `slot-generation.v1`; then no decision was taken.
    """
    clock = clock or SystemClock()
    started_ns = clock.monotonic_ns() if started_ns is None else started_ns
    spec = read_spec(spec_bytes)
    job = job_from_spec(spec)
    run = _Run(
        spec,
        job,
        source,
        open_model,
        settings,
        telemetry,
        clock,
        record or _drop,
        note_job,
        started_ns,
        interruptible,
    )
    return run.outcome()


def read_spec(spec_bytes: bytes) -> Mapping[str, Any]:
    """The job spec. Raises `InvalidInput`."""
    try:
        spec: Mapping[str, Any] = check.parse(SPEC_CONTRACT, spec_bytes)
    except ContractError as error:
        raise InvalidInput(
            f"the job spec is unusable: {quotable(error)}; correct it and run it again"
        ) from None
    if not spec.get("jobId", spec["jobs"][0]["jobId"]):
        raise InvalidInput(
            "the job spec has an empty `jobId`, and telemetry could not name the run; give it one"
        )
    return spec


@dataclass(slots=True)
class _Run:
    spec: Mapping[str, Any]
    job: Job
    source: "ControlSource"
    open_model: "ModelOpener"
    settings: Settings
    telemetry: TelemetryVersion
    clock: Clock
    record: "Record"
    note_job: Callable[[Job], None] | None
    started_ns: int
    interruptible: Interruptible
    decision: Decision | None = None
    admitted: Admitted | None = None
    calls: "Calls | None" = None

    def outcome(self) -> RunOutcome:
        decision = self._ask_gate()
        if self.note_job is not None:
            with suppress(Exception):  # the line must go out
                self.note_job(self.job)
        match decision:
            case Denied():
                return self._stub(decision)
            case Admitted():
                return self._generate()
            case _:
                assert_never(decision)

    def _ask_gate(self) -> Decision:
        """Decide on the controls of this moment. A source that breaks its promise not to raise denies."""
        try:
            controls = self.source.current()
        except Exception as error:  # noqa: BLE001  what the decision cannot know, denies
            controls = unknown_controls(f"the control source failed: {type(error).__name__}", "unknown")
        self.decision = decide(controls, self.job)
        if isinstance(self.decision, Admitted):
            self.admitted = self.decision
        return self.decision

    def _stub(self, denied: Denied) -> RunOutcome:
        result, broken_by = None, None
        try:
            if denied.gate == "controls":
                self.record(
                    {"event": "controls unknown", "runJobId": self.job.job_id, "reason": denied.reason}
                )
            result = self._result(Status.STUB, None)
        except BaseException as error:  # noqa: BLE001  the line must go out
            broken_by = error
        return self._ended(Path.STUB, Status.STUB, denied.error_code, result, broken_by)

    def _generate(self) -> RunOutcome:
        try:
            from gates.executor.calls import Calls
            from gates.executor.generate import Generation

            self.calls = Calls()
            with self.interruptible():
                ending = Generation(
                    spec=self.spec,
                    job_id=self.job.job_id,
                    ask_gate=self._ask_gate,
                    open_model=self.open_model,
                    settings=self.settings,
                    clock=self.clock,
                    record=self.record,
                    calls=self.calls,
                ).run()
            return self._end(ending)
        except BaseException as error:  # noqa: BLE001  a signal or a bug of ours: the line must go out
            code = ErrorCode.OPENAI_REQUEST_FAILED
            return self._ended(Path.OPENAI, Status.FAILED, code, None, error)

    def _end(self, ending: "Ending") -> RunOutcome:
        from gates.executor.generate import Answered, Stubbed, Unanswered

        match ending:
            case Stubbed(decision):
                return self._stub(decision)
            case Unanswered(error_code):
                return self._ended(Path.OPENAI, Status.FAILED, error_code, None)
            case Answered(outputs):
                try:
                    result = self._result(Status.COMPLETED, joined_output(self.spec, outputs))
                except RecursionError:  # readable, but too deep to be written again
                    code = ErrorCode.OPENAI_NON_JSON_CONTENT
                    return self._ended(Path.OPENAI, Status.FAILED, code, None)
                return self._ended(Path.OPENAI, Status.COMPLETED, None, result)
            case _:
                assert_never(ending)

    def _result(self, status: Status, output: dict[str, Any] | None) -> bytes:
        return result_bytes(self.job.job_id, status, millisecond_timestamp(self.clock.time_ns()), output)

    def _ended(
        self,
        path: Path,
        status: Status,
        error_code: ErrorCode | None,
        result: bytes | None,
        broken_by: BaseException | None = None,
    ) -> RunOutcome:
        assert self.decision is not None
        latency_ms = max(0, self.clock.monotonic_ns() - self.started_ns) // 1_000_000
        return RunOutcome(
            job_id=self.job.job_id,
            path=path,
            status=status,
            error_code=error_code,
            latency_ms=latency_ms,
            decision=self.decision,
            line=self._line(path, status, latency_ms, error_code),
            result=result,
            broken_by=broken_by,
        )

    def _line(self, path: Path, status: Status, latency_ms: int, error_code: ErrorCode | None) -> bytes:
        record = record_of(
            executor_version=self.settings.executor_version,
            job_id=self.job.job_id,
            path=path,
            status=status,
            latency_ms=latency_ms,
            error_code=error_code,
        )
        match self.telemetry:
            case "v1":
                return line_of(record)
            case "v2":
                from gates.executor.telemetry_v2 import as_v2

                # A gate may have closed between two calls: the line is about the decision that let them go.
                told = self.decision if path is Path.STUB else self.admitted
                assert told is not None
                return line_of(
                    as_v2(
                        record,
                        emitted_at=millisecond_timestamp(self.clock.time_ns()),
                        decision=told,
                        model=self.settings.model,
                        calls=self.calls if path is Path.OPENAI else None,
                    )
                )
            case _:
                assert_never(self.telemetry)


def _drop(_entry: Mapping[str, Any]) -> None:
    """No private log."""
