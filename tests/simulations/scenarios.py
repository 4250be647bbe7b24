"""The planted faults: who is faulty, what happens meanwhile, how it must be named, and how soon."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gates.verdict.evidence import KillState
from gates.verdict.verdict import CheckName, CheckState, HoldCode, Readiness
from gates.verdict.words import VerdictWord
from schemas.stages import Step
from tests.simulations.executors import FEATURE_FIRST, ROLLOUT_FIRST, Executor, blind_to_kill
from tests.simulations.rollout import JOBS_AN_HOUR, Review, Rollout

BUSY = 1_200.0
"""Jobs an hour where what happens within some seconds of a change is looked at: one every three seconds."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One of `executors` has `fault`; its clean twin has none.

    The fault is found within `jobs` jobs since it could first show, of all executors together. `turn`
    is what happens at that moment.
    """

    name: str
    fault: dict[str, Any]
    jobs: int
    named: Callable[[Review], bool]
    executors: int = 3
    faulty_version: str = "openai.v1"
    turn: Callable[[Rollout], None] | None = None
    before: int = 100
    an_hour: float = JOBS_AN_HOUR

    @property
    def without_fault(self) -> tuple[object, ...]:
        """What its clean twin is: all that `begin` and its test go by but the fault."""
        return (self.executors, self.faulty_version, self.turn, self.before, self.jobs, self.an_hour)

    def begin(self, rollout: Rollout, seed: object, *, faulty: bool) -> list[Executor]:
        """Everything before the fault can show."""
        version, fault = (self.faulty_version, self.fault) if faulty else (self.faulty_version, {})
        executors = [Executor("a", version, seed, **fault)]
        executors += [Executor(name, seed=seed) for name in "bcdefg"[: self.executors - 1]]
        if self.turn is None:
            rollout.begin([Executor(one.name, seed=seed) for one in executors])
        else:
            rollout.begin(executors)
            rollout.run(executors, self.before, self.an_hour)
            self.turn(rollout)
        return executors


def kill(rollout: Rollout) -> None:
    rollout.publish(rollout.step, 50, kill=True)


def kill_and_feature_off(rollout: Rollout) -> None:
    rollout.publish(rollout.step, 50, kill=True, feature=False)


def expand(rollout: Rollout) -> None:
    rollout.publish(Step.EXPAND_100, 100)


def _clock(review: Review, low_s: float, high_s: float) -> bool:
    """The clock of a alone is named, and where it is."""
    found = [one for one in review.evidence.clocks if one.low_ns is not None and one.high_ns is not None]
    return [one.source.endswith("a.log") for one in found] == [True] and all(
        low_s <= (one.low_ns or 0) / 1e9 and (one.high_ns or 0) / 1e9 <= high_s for one in found
    )


def _version(review: Review) -> bool:
    check = review.check(CheckName.FAILURES, "openai.v2")
    return (
        check.state is CheckState.FAIL
        and review.word is VerdictWord.ROLL_BACK
        and any("openai.v2" in stop for stop in review.verdict.stops)
    )


SCENARIOS = (
    Scenario(
        name="a leaky executor ignores the kill",
        fault={"sees": blind_to_kill},
        turn=kill,
        jobs=40,
        named=lambda review: (
            review.word is VerdictWord.KILLED
            and review.verdict.kill is not None
            and review.verdict.kill.state is KillState.BREACHED
            and "a.log" in review.verdict.sentence
            and review.codes >= {"KILL_BREACH"}
            and review.evidence.clocks == ()
            and any("KILL_BREACH" in stop for stop in review.verdict.stops)
        ),
    ),
    Scenario(
        name="rollout before opt-in and allowlist",
        fault={"order": ROLLOUT_FIRST},
        jobs=300,
        named=lambda review: review.codes == {"ORDER_INVERSION"} and review.holds == (HoldCode.GATE_AUDIT,),
    ),
    Scenario(
        name="feature before kill",
        fault={"order": FEATURE_FIRST},
        turn=kill_and_feature_off,
        jobs=10,
        named=lambda review: (
            review.codes == {"KILL_NOT_SEEN"} and review.verdict.readiness is Readiness.FAILED
        ),
    ),
    Scenario(
        name="30 % of the openai lines are dropped",
        fault={"loses": 0.3},
        executors=1,
        jobs=3_000,
        named=lambda review: review.holds == (HoldCode.SAMPLE_RATIO,),
    ),
    Scenario(
        name="clock 90 s ahead",
        fault={"clock_off_s": 90},
        turn=kill,
        an_hour=BUSY,
        jobs=120,
        named=lambda review: (
            review.codes >= {"KILL_BREACH"} and _clock(review, 60, 120) and "s ahead" in review.why
        ),
    ),
    Scenario(
        name="clock 90 s behind",
        fault={"clock_off_s": -90},
        turn=kill,
        an_hour=BUSY,
        jobs=120,
        named=lambda review: _clock(review, -120, -60) and "s behind" in review.why,
    ),
    Scenario(
        name="latency doubled at p95 only",
        fault={"slow_tail": 2.0},
        executors=1,
        jobs=3_000,
        named=lambda review: (
            review.check(CheckName.LATENCY_P95).state is CheckState.FAIL
            and review.check(CheckName.LATENCY_P50).state is CheckState.PASS
            and review.check(CheckName.FAILURES).state is CheckState.PASS
            and review.word is VerdictWord.ROLL_BACK
        ),
    ),
    Scenario(
        name="failures only in one executorVersion",
        fault={"fails": 0.3},
        faulty_version="openai.v2",
        jobs=500,
        named=_version,
    ),
    Scenario(
        name="a tenth of the lines of one is cut off",
        fault={"garbles": 0.1},
        jobs=250,
        named=lambda review: HoldCode.SCHEMA_INVALID in review.holds,
    ),
)
