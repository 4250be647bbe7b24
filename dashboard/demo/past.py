"""The days before now: the real executor run by an injected clock, with a model that follows the story."""

import json
import math
import random
from collections.abc import Callable

from dashboard.demo.chatter import Chatter
from dashboard.demo.jobs import Jobs
from dashboard.demo.ladder import controls
from dashboard.demo.story import DAYS, PAST_CHANGES, PAST_EPISODES, Change, Trouble, trouble_at
from dashboard.demo.worker_log import WorkerLog
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.model import Completed, Failed, ModelClient, ModelOutcome
from gates.executor.run import RunOutcome, run_job
from gates.executor.settings import Settings
from gates.home import Home
from schemas.codes import ErrorCode, Status

SECOND_NS = 10**9
DAY_S = 86_400.0
JOBS_AN_HOUR = 400.0
TOLD_EVERY = 1_000
WORKERS = ("slotgen-7d4f9c6b58-4kxqz", "slotgen-7d4f9c6b58-9vwtm", "slotgen-7d4f9c6b58-h2c8r")
MODEL_MEDIAN_S, MODEL_SIGMA = 1.7, 0.38
START_UP_S = 0.4

Told = Callable[[float], None]


def back_fill(home: Home, seed: str, until_ns: int, told: Told, jobs_an_hour: float = JOBS_AN_HOUR) -> int:
    """Write the history up to `until_ns` and return how many jobs ran; `told` hears the part done."""
    past = _Past(home, seed, until_ns - int(DAYS * DAY_S) * SECOND_NS, jobs_an_hour)
    try:
        return past.run(until_ns, told)
    finally:
        past.close()


class _Past:
    def __init__(self, home: Home, seed: str, start_ns: int, jobs_an_hour: float) -> None:
        self._jobs_a_second = jobs_an_hour / 3_600
        self._dice = random.Random(f"{seed}/past")  # noqa: S311 - a script, not a secret
        self._jobs = Jobs(f"{seed}/jobs")
        self._chatter = Chatter(f"{seed}/chatter")
        self._start_ns = start_ns
        self._publish_ns = start_ns
        self._publisher = Publisher(home, self._publishing_clock)
        self._source = ControlFile(home.control_file)
        self._logs = [WorkerLog(home.spool / f"{name}.log") for name in WORKERS]

    def run(self, until_ns: int, told: Told) -> int:
        changes, revision, ran = list(PAST_CHANGES), 0, 0
        at_s, end_s = 60.0, (until_ns - self._start_ns) / SECOND_NS
        while at_s < end_s:
            while changes and changes[0].at_s <= at_s:
                revision += 1
                self._publish(revision, changes.pop(0))
            trouble = trouble_at(PAST_EPISODES, at_s)
            if trouble is not Trouble.SILENCE:
                self._one(self._start_ns + int(at_s * SECOND_NS), trouble)
                ran += 1
            at_s += self._dice.expovariate(self._jobs_a_second * _busyness(self._start_ns / SECOND_NS + at_s))
            if ran % TOLD_EVERY == 0:
                told(at_s / end_s)
        told(1.0)
        return ran

    def close(self) -> None:
        for log in self._logs:
            log.close()

    def _publish(self, revision: int, change: Change) -> None:
        self._publish_ns = self._start_ns + int(change.at_s * SECOND_NS)
        self._publisher.publish(controls(change.rung, revision, self._publish_ns))

    def _publishing_clock(self) -> int:
        """A few milliseconds pass between "publishing" and "effective"."""
        self._publish_ns += 4_000_000
        return self._publish_ns

    def _one(self, at_ns: int, trouble: Trouble) -> None:
        clock = HeldClock(at_ns)
        worker = self._dice.randrange(len(WORKERS))
        spec = self._jobs.spec(at_ns)
        outcome = run_job(
            json.dumps(spec).encode(),
            source=self._source,
            open_model=lambda: self._model(clock, trouble, worker),
            settings=Settings(),
            clock=_Busy(clock, self._dice),
            started_ns=at_ns,
        )
        self._write(worker, at_ns, clock.now_ns, outcome, trouble)

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


def _busyness(epoch_s: float) -> float:
    """The day's rhythm: quiet at night, most in the afternoon; 1 on average."""
    turn = 2 * math.pi * (epoch_s / DAY_S - 0.35)
    return 1 + 0.62 * math.sin(turn) + 0.12 * math.sin(2 * turn)
