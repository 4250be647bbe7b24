"""The days before now: the executor and the change service, both run by an injected clock."""

import math
import random
from collections.abc import Callable, Mapping

from dashboard.demo.deeds import Deed
from dashboard.demo.jobs import Jobs
from dashboard.demo.office import Office
from dashboard.demo.people import FOUNDER, name
from dashboard.demo.rehearsal import Rehearsal
from dashboard.demo.story import DAYS, PAST_CHANGES, PAST_EPISODES, Trouble, trouble_at
from dashboard.demo.story_clock import SECOND_NS, StoryClock
from gates.changes.founding import Foundation, found
from gates.changes.ports import NoEvidence
from gates.home import Home
from gates.store.store import Store

DAY_S = 86_400.0
JOBS_AN_HOUR = 400.0
TOLD_EVERY = 1_000
FOUNDATION = Foundation(environment="demo", operator_id=FOUNDER.actor_id, p50_ms=5_000, p95_ms=20_000)

Told = Callable[[float], None]


def back_fill(
    home: Home, seed: str, until_ns: int, told: Told, jobs_an_hour: float = JOBS_AN_HOUR
) -> tuple[int, Mapping[str, str]]:
    """Found the home and write its history up to `until_ns`; how many jobs ran, and everybody's token.

    `told` hears the part done. Raises what the change service raises.
    """
    clock = StoryClock(until_ns - int(DAYS * DAY_S) * SECOND_NS)
    token = found(home, FOUNDATION, clock, "demo-init")
    store = Store.open(home.store)
    try:
        past = _Past(home, store, clock, seed, jobs_an_hour)
        tokens = {FOUNDER: token, **past.office.hire()}
        try:
            ran = past.run(until_ns, told)
        finally:
            past.close()
    finally:
        store.close()
    return ran, {name(actor): token for actor, token in tokens.items()}


class _Past:
    def __init__(self, home: Home, store: Store, clock: StoryClock, seed: str, jobs_an_hour: float) -> None:
        self.office = Office(home, store, clock, NoEvidence())
        self._clock = clock
        self._start_ns = clock.now_ns
        self._jobs_a_second = jobs_an_hour / 3_600
        self._dice = random.Random(f"{seed}/past")  # noqa: S311 - a script, not a secret
        self._jobs = Jobs(f"{seed}/jobs")
        self._executors = Rehearsal(home, seed)

    def run(self, until_ns: int, told: Told) -> int:
        changes, ran = list(PAST_CHANGES), 0
        at_s, end_s = 60.0, (until_ns - self._start_ns) / SECOND_NS
        while at_s < end_s:
            while changes and changes[0].at_s <= at_s:
                at_s = self._play(changes.pop(0).deed, at_s)
            trouble = trouble_at(PAST_EPISODES, at_s)
            if trouble is not Trouble.SILENCE:
                at_ns = self._start_ns + int(at_s * SECOND_NS)
                self._clock.reach(self._executors.run(self._jobs.spec(at_ns), at_ns, trouble))
                ran += 1
            at_s += self._dice.expovariate(self._jobs_a_second * _busyness(self._start_ns / SECOND_NS + at_s))
            if ran % TOLD_EVERY == 0:
                told(at_s / end_s)
        told(1.0)
        return ran

    def close(self) -> None:
        self._executors.close()

    def _play(self, deed: Deed, at_s: float) -> float:
        """Do it; nothing runs meanwhile. The moment at which the work goes on."""
        self._clock.reach(self._start_ns + int(at_s * SECOND_NS))
        for pause_s in self.office.play(deed):
            self._clock.wait(pause_s)
        return (self._clock() - self._start_ns) / SECOND_NS


def _busyness(epoch_s: float) -> float:
    """The day's rhythm: quiet at night, most in the afternoon; 1 on average."""
    turn = 2 * math.pi * (epoch_s / DAY_S - 0.35)
    return 1 + 0.62 * math.sin(turn) + 0.12 * math.sin(2 * turn)
