"""The real executor in this process: it runs at a moment that is set, with a model that follows the story."""

import json
import math
import random
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import Any, Self

from dashboard.demo.chatter import Chatter
from dashboard.demo.story import Trouble
from dashboard.demo.worker_log import WorkerLog
from gates.controls.reader import ControlFile
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.job_facts import JobFacts
from gates.executor.model import Completed, Failed, ModelClient, ModelOutcome
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings
from gates.home import Home
from schemas.codes import ErrorCode, Status

WORKERS = ("slotgen-7d4f9c6b58-4kxqz", "slotgen-7d4f9c6b58-9vwtm", "slotgen-7d4f9c6b58-h2c8r")
MODEL_MEDIAN_S, MODEL_SIGMA = 1.7, 0.38
START_UP_S = 0.4
SLOWER = 10.0


class Rehearsal:
    """Runs jobs at moments of the story and writes what workers would have logged, when they would have."""

    def __init__(self, home: Home, seed: str) -> None:
        self._dice = random.Random(f"{seed}/past")  # noqa: S311 - a script, not a secret
        self._chatter = Chatter(f"{seed}/chatter")
        self._source = ControlFile(home.control_file)
        self._logs = [WorkerLog(home.spool / f"{name}.log") for name in WORKERS]
        self._facts = JobFacts(home.specs, clock := HeldClock())
        self._facts_clock = clock
        self._under_way: list[tuple[int, int, int, bytes]] = []
        self._numbers = count()

    def run(self, spec: dict[str, Any], at_ns: int, trouble: Trouble) -> int:
        """Run one job that begins at `at_ns`, not before the one before it; when its line will be written."""
        self.reach(at_ns)
        clock = HeldClock(at_ns)
        self._facts_clock.now_ns = at_ns
        worker = self._dice.randrange(len(WORKERS))
        outcome = run_job(
            json.dumps(spec).encode(),
            source=self._source,
            open_model=lambda: self._model(clock, trouble, worker),
            settings=Settings(),
            clock=_Busy(clock, self._dice),
            note_job=self._facts.note,
            started_ns=at_ns,
        )
        self._log(at_ns, worker, self._chatter.before(outcome.job_id))
        self._log(clock.now_ns, worker, self._printed(outcome, trouble))
        return clock.now_ns

    def reach(self, now_ns: int) -> None:
        """Write what was logged until then; what is under way stays so."""
        while self._under_way and self._under_way[0][0] <= now_ns:
            at_ns, _, worker, text = heappop(self._under_way)
            self._logs[worker].write(at_ns, text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for log in self._logs:
            log.close()

    def _log(self, at_ns: int, worker: int, text: bytes) -> None:
        if text:
            heappush(self._under_way, (at_ns, next(self._numbers), worker, text))

    def _printed(self, outcome: RunOutcome, trouble: Trouble) -> bytes:
        """What a run leaves on its stderr."""
        garbled = trouble is Trouble.CUT_LINES and self._dice.random() < 0.4
        line = self._chatter.mangled(outcome.line) if garbled else outcome.line
        if outcome.status is not Status.FAILED:
            return line
        return line.removesuffix(b"\n") + b"\n" + self._chatter.after_failure(trouble)

    def _model(self, clock: HeldClock, trouble: Trouble, worker: int) -> ModelClient | Failed:
        if trouble is Trouble.MISSING_KEY and worker == 0:
            return Failed(error_code=ErrorCode.MISSING_API_KEY, reason="no key")
        slow = SLOWER if trouble is Trouble.SLOW else 1.0
        latency = self._dice.lognormvariate(math.log(MODEL_MEDIAN_S * slow), MODEL_SIGMA) + START_UP_S
        outcome = self._answer(trouble)
        if isinstance(outcome, Failed) and trouble is not Trouble.SLOW:
            latency *= 0.4
        return ScriptedModel([outcome] * 8, clock, lambda: latency)

    def _answer(self, trouble: Trouble) -> ModelOutcome:
        chance = self._dice.random()
        if trouble is Trouble.UPSTREAM_5XX and chance < 0.62:
            return Failed(error_code=ErrorCode.OPENAI_HTTP_ERROR, reason="status 503")
        if trouble is Trouble.GATEWAY_HTML and chance < 0.5:
            return Failed(error_code=ErrorCode.OPENAI_NON_JSON_RESPONSE, reason="the body is HTML")
        for code, rate in (
            (ErrorCode.OPENAI_HTTP_ERROR, 0.004),
            (ErrorCode.OPENAI_NON_JSON_CONTENT, 0.002),
            (ErrorCode.OPENAI_REQUEST_FAILED, 0.001),
        ):
            if chance < rate:
                return Failed(error_code=code, reason="now and then")
            chance -= rate
        return Completed(output={"content": "text"})


class _Busy:
    """The held clock of a process that also computes: asking for the time takes a little of it."""

    def __init__(self, clock: HeldClock, dice: random.Random) -> None:
        self._clock = clock
        self._dice = dice

    def monotonic_ns(self) -> int:
        self._clock.now_ns += int(self._dice.lognormvariate(0, 0.5) * 1_500_000)
        return self._clock.monotonic_ns()

    def time_ns(self) -> int:
        return self._clock.time_ns()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
