"""The real executor in this process: it runs at a moment that is set, with a model that follows the story."""

import json
import math
import random
from typing import Any

from dashboard.demo.chatter import Chatter
from dashboard.demo.story import Trouble
from dashboard.demo.worker_log import WorkerLog
from gates.controls.reader import ControlFile
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.model import Completed, Failed, ModelClient, ModelOutcome
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings
from gates.home import Home
from schemas.codes import ErrorCode, Status

WORKERS = ("slotgen-7d4f9c6b58-4kxqz", "slotgen-7d4f9c6b58-9vwtm", "slotgen-7d4f9c6b58-h2c8r")
MODEL_MEDIAN_S, MODEL_SIGMA = 1.7, 0.38
START_UP_S = 0.4


class Rehearsal:
    """Runs jobs at moments of the story and writes what workers would have logged."""

    def __init__(self, home: Home, seed: str) -> None:
        self._dice = random.Random(f"{seed}/past")  # noqa: S311 - a script, not a secret
        self._chatter = Chatter(f"{seed}/chatter")
        self._source = ControlFile(home.control_file)
        self._logs = [WorkerLog(home.spool / f"{name}.log") for name in WORKERS]

    def run(self, spec: dict[str, Any], at_ns: int, trouble: Trouble) -> int:
        """Run one job that begins at `at_ns`; when its line was written."""
        clock = HeldClock(at_ns)
        worker = self._dice.randrange(len(WORKERS))
        outcome = run_job(
            json.dumps(spec).encode(),
            source=self._source,
            open_model=lambda: self._model(clock, trouble, worker),
            settings=Settings(),
            clock=_Busy(clock, self._dice),
            started_ns=at_ns,
        )
        self._write(worker, at_ns, clock.now_ns, outcome, trouble)
        return clock.now_ns

    def close(self) -> None:
        """Let go of the logs."""
        for log in self._logs:
            log.close()

    def _write(self, worker: int, at_ns: int, ended_ns: int, outcome: RunOutcome, trouble: Trouble) -> None:
        log = self._logs[worker]
        if said := self._chatter.before(outcome.job_id):
            log.write(at_ns, said)
        line = outcome.line
        if trouble is Trouble.CUT_LINES and self._dice.random() < 0.4:
            line = self._chatter.mangled(line)
        log.write(ended_ns, line)
        if outcome.status is Status.FAILED:
            log.write(ended_ns, self._chatter.after_failure(trouble))

    def _model(self, clock: HeldClock, trouble: Trouble, worker: int) -> ModelClient | Failed:
        if trouble is Trouble.MISSING_KEY and worker == 0:
            return Failed(error_code=ErrorCode.MISSING_API_KEY, reason="no key")
        slow = 3.2 if trouble is Trouble.SLOW else 1.0
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
