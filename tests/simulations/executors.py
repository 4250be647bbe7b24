"""Executors as they should be, and with one fault each."""

import json
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gates.decision import CompiledControls, compile_controls, job_from_spec, unknown_controls
from gates.decision.checks import CHECKS, Check, facts_of
from gates.decision.outcome import ERROR_CODE, Gate
from gates.executor.fake import HeldClock, ScriptedModel
from gates.executor.job_facts import facts_line
from gates.executor.model import Completed, Failed
from gates.executor.run import run_job
from gates.executor.settings import Settings
from gates.executor.telemetry_line import line_of, record_of
from schemas.codes import ErrorCode, Path, Status

SECOND = 10**9
MEDIAN_S, SIGMA, START_UP_S = 1.7, 0.38, 0.4
TAIL = 1.28
"""So many standard deviations above the median begins the slowest tenth."""

Gates = tuple[tuple[Gate, Check], ...]
_WITHOUT_ROLLOUT = tuple(one for one in CHECKS if one[0] is not Gate.ROLLOUT)
ROLLOUT_FIRST: Gates = (*_WITHOUT_ROLLOUT[:3], CHECKS[-1], *_WITHOUT_ROLLOUT[3:])
"""The rollout asked before opt-in and allowlist."""
FEATURE_FIRST: Gates = (CHECKS[0], CHECKS[2], CHECKS[1], *CHECKS[3:])
"""The feature flag asked before the kill switch."""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What is wrong with an executor; by default nothing.

    `sees` is what it makes of the controls. `loses`: the share of its lines of path openai that never
    arrive. `garbles`: the share of its lines that is cut off. `clock_off_s`: how far its clock is ahead.
    `slow_tail`: what the slowest tenth of its calls takes longer. `fails`: the share of failing calls.
    """

    sees: Callable[[CompiledControls], CompiledControls] = lambda controls: controls
    order: Gates | None = None
    loses: float = 0.0
    garbles: float = 0.0
    clock_off_s: float = 0.0
    slow_tail: float = 1.0
    fails: float = 0.003


def blind_to_kill(controls: CompiledControls) -> CompiledControls:
    """The kill switch is not looked at, and an executor that never reads the feature is no better."""
    return replace(controls, killed=None, feature=True)


class Timeline:
    """The controls of every moment."""

    def __init__(self) -> None:
        self._from: list[int] = []
        self._controls: list[CompiledControls] = []

    def put(self, from_ns: int, document: Mapping[str, Any]) -> None:
        self._from.append(from_ns)
        self._controls.append(compile_controls(document, "simulated"))

    def at(self, moment_ns: int) -> CompiledControls:
        number = bisect_right(self._from, moment_ns)
        return self._controls[number - 1] if number else unknown_controls("none yet", "simulated")


@dataclass(frozen=True)
class Said:
    """What a run left behind: its line and when it stands in the log, and what it noted of its spec."""

    time_ns: int
    line: bytes
    facts: bytes


class _Source:
    def __init__(self, timeline: Timeline, clock: HeldClock, faults: Faults) -> None:
        self._timeline, self._clock, self._faults = timeline, clock, faults

    def current(self) -> CompiledControls:
        return self._faults.sees(self._timeline.at(self._clock.now_ns))


class Executor:
    """Runs jobs with the real `run_job`; only one whose gates are in another order cannot."""

    def __init__(self, name: str, version: str = "openai.v1", seed: object = 0, **faults: Any) -> None:
        self.name = name
        self._settings = Settings(executor_version=version)
        self._faults = Faults(**faults)
        self._dice = random.Random(f"{seed}/{name}/{version}")

    def run(self, spec: Mapping[str, Any], at_ns: int, timeline: Timeline) -> Said:
        """Run one job that begins at `at_ns`. Where its line is lost, what it noted before is not."""
        clock = HeldClock(at_ns)
        source = _Source(timeline, clock, self._faults)
        model = self._model(clock)
        if self._faults.order is None:
            outcome = run_job(
                json.dumps(spec).encode(),
                source=source,
                open_model=lambda: model,
                settings=self._settings,
                clock=clock,
                started_ns=at_ns,
            )
            line, to_model = outcome.line, outcome.path is Path.OPENAI
        else:
            line, to_model = self._inverted(spec, source.current(), model, clock, at_ns)
        off_ns = round(self._faults.clock_off_s * SECOND)
        facts = facts_line(job_from_spec(spec), at_ns + off_ns)
        if to_model and self._dice.random() < self._faults.loses:
            line = b""
        elif self._dice.random() < self._faults.garbles:
            line = line[: len(line) * 2 // 3] + b"\n"
        return Said(clock.now_ns + off_ns, line, facts)

    def _inverted(
        self,
        spec: Mapping[str, Any],
        controls: CompiledControls,
        model: ScriptedModel | Failed,
        clock: HeldClock,
        at_ns: int,
    ) -> tuple[bytes, bool]:
        """The gates of the product, asked in another order."""
        job = job_from_spec(spec)
        facts = facts_of(controls, job)
        assert self._faults.order is not None
        closed = next((gate for gate, check in self._faults.order if check(controls, job, facts)), None)
        path, status = Path.STUB, Status.STUB
        code = None if closed is None else ERROR_CODE[closed]
        if closed is None:
            assert isinstance(model, ScriptedModel)
            clock.sleep(self._latency())
            path, status = Path.OPENAI, Status.COMPLETED
        record = record_of(
            executor_version=self._settings.executor_version,
            job_id=job.job_id,
            path=path,
            status=status,
            latency_ms=(clock.now_ns - at_ns) // 1_000_000,
            error_code=code,
        )
        line = line_of(record)
        return line, closed is None

    def _model(self, clock: HeldClock) -> ScriptedModel:
        failed = Failed(error_code=ErrorCode.OPENAI_HTTP_ERROR, reason="status 503")
        fails = self._dice.random() < self._faults.fails
        outcome = failed if fails else Completed(output={"content": "text"})
        latency = self._latency()
        return ScriptedModel([outcome] * 8, clock, lambda: latency)

    def _latency(self) -> float:
        chance = self._dice.gauss(0, 1)
        slower = self._faults.slow_tail if chance > TAIL else 1.0
        return (MEDIAN_S * math.exp(SIGMA * chance) + START_UP_S) * slower
