"""A demo home at steady, made in a hurry, and its live part by a clock that moves where the script waits."""

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.demo.deeds import Carry
from dashboard.demo.director import Director
from dashboard.demo.jobs import Jobs
from dashboard.demo.office import Office
from dashboard.demo.past import FOUNDATION
from dashboard.demo.rehearsal import Rehearsal
from dashboard.demo.story import PAST_CHANGES, Trouble
from dashboard.demo.story_clock import SECOND_NS, StoryClock
from dashboard.review.document import review_of
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.spool import SpoolPass
from gates.changes.founding import found
from gates.changes.memory import HeldEvidence
from gates.home import Home
from gates.policy.evidence import ReviewEvidence
from gates.store.store import Store
from gates.verdict.question import Question
from gates.verdict.verdict import Verdict
from ingest.store import TelemetryStore

NOW = 1_795_300_000 * SECOND_NS
JOBS_A_SECOND = 1.2
LOOK_EVERY_S = 60.0
LONGEST_JOB_S = 30.0


@dataclass
class Kept:
    """Evidence of `real`, and every verdict that it led to, with its revision."""

    real: TelemetryEvidence
    verdicts: list[tuple[int, Verdict]] = field(default_factory=list)

    def evidence(self, question: Question) -> ReviewEvidence:
        answer = self.real.evidence(question)
        assert answer.document, answer.bound
        self.verdicts.append((question.revision, review_of(answer.document)[2]))
        return answer


@dataclass(frozen=True)
class Climbed:
    """A home at steady where nobody works at the moment, and the time there."""

    home: Home
    now_ns: int

    def copied(self, folder: Path, held: ExitStack) -> "Stage":
        """A stage of its own, from there on."""
        return Stage(Home(shutil.copytree(self.home.root, folder)), held, "live", self.now_ns)


def climbed(home: Home) -> Climbed:
    """Every widening of the days before, each once, on evidence that nobody looks at."""
    with ExitStack() as held:
        found(home, FOUNDATION, StoryClock(NOW), "demo-init")
        stage = Stage(home, held, "past", NOW)
        office = Office(home, stage.store, stage.clock, HeldEvidence())
        office.hire()
        office.agree_on_thresholds()
        done: list[object] = []
        for change in PAST_CHANGES:
            if isinstance(change.deed, Carry) and change.deed.patch not in done:
                done.append(change.deed.patch)
                stage.work(10)
                for pause_s in office.play(change.deed):
                    stage.work(pause_s)
        stage.rest(LONGEST_JOB_S)
        return Climbed(home, stage.clock.now_ns)


class Stage:
    """`said` is the console; jobs come and go as `seed` has it, from `now_ns` on."""

    def __init__(self, home: Home, held: ExitStack, seed: str, now_ns: int) -> None:
        self.home = home
        self.said: list[str] = []
        self.clock = StoryClock(now_ns)
        self.store = Store.open(home.store)
        held.callback(self.store.close)
        telemetry = held.enter_context(TelemetryStore.open(home.telemetry))
        over = StoreTelemetry(
            home, telemetry, SpoolPass(home, telemetry, self.clock), seconds=None, clock=self.clock
        )
        self.kept = Kept(TelemetryEvidence(over))
        self.office = Office(home, self.store, self.clock, self.kept)
        self._executors = held.enter_context(Rehearsal(home, seed))
        self._dice = random.Random(7)
        self._jobs = Jobs(seed)
        self._next_ns = now_ns

    def play(self, seconds: float, look_every_s: float = LOOK_EVERY_S) -> Iterator[float]:
        """The script, from its start, for so many seconds; jobs come and go. Yields how many have passed."""
        director = Director(self.office, self.clock, self.said.append, look_every_s)
        began_ns = self.clock.now_ns
        for pause_s in director.script():
            self.work(pause_s, director.trouble)
            passed_s = (self.clock.now_ns - began_ns) / SECOND_NS
            if passed_s >= seconds:
                return
            yield passed_s

    def work(self, seconds: float, trouble: Trouble = Trouble.NONE) -> None:
        """Jobs come and go, and time passes."""
        until_ns = self.clock.now_ns + int(seconds * SECOND_NS)
        while self._next_ns < until_ns:
            self._executors.run(self._jobs.spec(self._next_ns), self._next_ns, trouble)
            self._next_ns += int(self._dice.expovariate(JOBS_A_SECOND) * SECOND_NS)
        self.rest((until_ns - self.clock.now_ns) / SECOND_NS)

    def rest(self, seconds: float) -> None:
        """Time passes, and what is under way ends."""
        self.clock.wait(seconds)
        self._executors.reach(self.clock.now_ns)
