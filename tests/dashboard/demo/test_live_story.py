"""The live part by a clock that runs as fast as it can: every word of a verdict, for the right reason."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dashboard.demo.director import Director
from dashboard.demo.jobs import Jobs
from dashboard.demo.office import Office
from dashboard.demo.past import back_fill
from dashboard.demo.rehearsal import Rehearsal
from dashboard.demo.scenes import ROUND
from dashboard.demo.story_clock import SECOND_NS, StoryClock
from dashboard.review.document import review_of
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.spool import SpoolPass
from gates.home import Home
from gates.policy.evidence import ReviewEvidence
from gates.store.store import Store
from gates.verdict.question import Question
from gates.verdict.verdict import Verdict
from ingest.store import TelemetryStore

NOW = 1_795_300_000 * SECOND_NS
JOBS_A_SECOND = 1.2


@dataclass
class Kept:
    """Evidence of `real`, and every verdict that it led to, as it was kept."""

    real: TelemetryEvidence
    verdicts: list[tuple[int, Verdict]] = field(default_factory=list)

    def evidence(self, question: Question) -> ReviewEvidence:
        answer = self.real.evidence(question)
        assert answer.document, answer.bound
        self.verdicts.append((question.revision, review_of(answer.document)[2]))
        return answer


class Stage:
    """A thin demo home, and time that passes only where the script waits."""

    def __init__(self, home: Home, held: ExitStack) -> None:
        back_fill(home, "seed", NOW, lambda _part: None, jobs_an_hour=12)
        self.home = home
        self.said: list[str] = []
        self.clock = StoryClock(NOW)
        self.store = Store.open(home.store)
        held.callback(self.store.close)
        telemetry = held.enter_context(TelemetryStore.open(home.telemetry))
        over = StoreTelemetry(
            home, telemetry, SpoolPass(home, telemetry, self.clock), seconds=None, clock=self.clock
        )
        self.kept = Kept(TelemetryEvidence(over))
        self.office = Office(home, self.store, self.clock, self.kept)
        self.director = Director(self.office, self.clock, self.said.append, look_every_s=5.0)
        self._executors = held.enter_context(Rehearsal(home, "live"))
        self._dice = random.Random(7)
        self._jobs = Jobs("live")
        self._next_ns = NOW

    def play(self) -> Iterator[float]:
        """The script; while it waits, jobs come and go. Yields the seconds since the start."""
        for pause_s in self.director.script():
            until_ns = self.clock.now_ns + int(pause_s * SECOND_NS)
            while self._next_ns < until_ns:
                self._executors.run(self._jobs.spec(self._next_ns), self._next_ns, self.director.trouble)
                self._next_ns += int(self._dice.expovariate(JOBS_A_SECOND) * SECOND_NS)
            self.clock.reach(until_ns)
            self._executors.reach(until_ns)
            yield (self.clock.now_ns - NOW) / SECOND_NS


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as held:
        yield Stage(Home(tmp_path / "home"), held)


def test_a_round_shows_every_word_for_its_reason(stage: Stage) -> None:
    begun = 0
    for at_s in stage.play():
        begun = sum(ROUND[0].says == words for words in stage.said)
        if begun == 2:
            break
        assert at_s < 1_200, stage.said
    print("\n".join(stage.said))
