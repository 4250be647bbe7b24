"""The days before now: the executor and the change service, both run by an injected clock."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from dashboard.beta.of_home import HomeBeta
from dashboard.demo.deeds import Carry, Deed
from dashboard.demo.jobs import Jobs
from dashboard.demo.office import Office
from dashboard.demo.people import FOUNDER, name
from dashboard.demo.rehearsal import Rehearsal
from dashboard.demo.story import DAYS, PAST_CHANGES, PAST_EPISODES, Change, Trouble, trouble_at
from dashboard.demo.story_clock import SECOND_NS, StoryClock
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.spool import SpoolPass
from gates.changes.founding import Foundation, found
from gates.home import Home
from gates.store.store import Store
from ingest.store import TelemetryStore

DAY_S = 86_400.0
JOBS_AN_HOUR = 400.0
TOLD_EVERY = 1_000
FOUNDATION = Foundation(environment="demo", operator_id=FOUNDER.actor_id, p50_ms=8_000, p95_ms=20_000)

Told = Callable[[float], None]
Make = Callable[[Home, str, int, Told], tuple[int, Mapping[str, str]]]


def back_fill(
    home: Home,
    seed: str,
    until_ns: int,
    told: Told,
    jobs_an_hour: float = JOBS_AN_HOUR,
    story: Sequence[Change] = PAST_CHANGES,
) -> tuple[int, Mapping[str, str]]:
    """Found the home and write its history up to `until_ns`; how many jobs ran, and everybody's token.

    `told` hears the part done. Raises what the change service raises.
    """
    clock = StoryClock(until_ns - int(DAYS * DAY_S) * SECOND_NS)
    token = found(home, FOUNDATION, clock, "demo-init")
    with ExitStack() as held:
        store = Store.open(home.store)
        held.callback(store.close)
        telemetry = held.enter_context(TelemetryStore.open(home.telemetry))
        evidence = TelemetryEvidence(
            StoreTelemetry(home, telemetry, SpoolPass(home, telemetry, clock), seconds=None, clock=clock),
            HomeBeta(home, store).permits_steady,
        )
        office = Office(home, store, clock, evidence)
        tokens = {FOUNDER: token, **office.hire()}
        office.agree_on_thresholds()
        executors = held.enter_context(Rehearsal(home, seed))
        ran = _Past(office, executors, clock, seed, jobs_an_hour).run(story, until_ns, told)
    return ran, {name(actor): token for actor, token in tokens.items()}


class _Past:
    def __init__(
        self, office: Office, executors: Rehearsal, clock: StoryClock, seed: str, jobs_an_hour: float
    ) -> None:
        self._office = office
        self._executors = executors
        self._clock = clock
        self._start_ns = clock.now_ns
        self._jobs_a_second = jobs_an_hour / 3_600
        self._dice = random.Random(f"{seed}/past")  # noqa: S311 - a script, not a secret
        self._jobs = Jobs(f"{seed}/jobs")

    def run(self, story: Sequence[Change], until_ns: int, told: Told) -> int:
        changes, ran = list(story), 0
        at_s, end_s = 60.0, (until_ns - self._start_ns) / SECOND_NS
        while at_s < end_s:
            while changes and changes[0].at_s <= at_s:
                at_s = self._play(changes.pop(0).deed, at_s)
            trouble = trouble_at(PAST_EPISODES, at_s)
            if trouble is not Trouble.SILENCE:
                at_ns = self._start_ns + int(at_s * SECOND_NS)
                self._executors.run(self._jobs.spec(at_ns), at_ns, trouble)
                ran += 1
            at_s += self._dice.expovariate(self._jobs_a_second * _busyness(self._start_ns / SECOND_NS + at_s))
            if ran % TOLD_EVERY == 0:
                told(at_s / end_s)
        self._executors.reach(until_ns)
        told(1.0)
        return ran

    def _play(self, deed: Deed, at_s: float) -> float:
        """Do it; nothing runs meanwhile. The moment at which the work goes on."""
        self._clock.reach(self._start_ns + int(at_s * SECOND_NS))
        self._executors.reach(self._clock.now_ns)
        if not isinstance(deed, Carry):
            self._office.review()  # who narrows has looked, and ROLL BACK latches
        for pause_s in self._office.play(deed):
            self._clock.wait(pause_s)
            self._executors.reach(self._clock.now_ns)
        return (self._clock() - self._start_ns) / SECOND_NS


def _busyness(epoch_s: float) -> float:
    """The day's rhythm, 1 on average: less at night, but never half as much, which would hold a rollout."""
    turn = 2 * math.pi * (epoch_s / DAY_S - 0.35)
    return 1 + 0.22 * math.sin(turn) + 0.06 * math.sin(2 * turn)
