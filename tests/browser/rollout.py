"""A rollout half-way up its ladder, under `enforce`: real evidence, an executor that goes on, two people.

The home is made by the product's own change service and executor, a quarter of an hour of it by a clock
that is moved; from then on the same executor runs jobs at their own time, so that what people see is so.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

from dashboard.demo.deeds import Carry
from dashboard.demo.jobs import Jobs
from dashboard.demo.ladder import SMALLEST, allowlist
from dashboard.demo.office import Office
from dashboard.demo.people import FOUNDER, name
from dashboard.demo.rehearsal import Rehearsal
from dashboard.demo.story import Trouble
from dashboard.demo.story_clock import SECOND_NS, StoryClock
from gates.changes.content import Terms
from gates.changes.founding import Foundation, found
from gates.changes.memory import HeldEvidence
from gates.home import Home
from gates.policy.intent import Mode
from gates.store.store import Store
from tests.browser.windows import usual_port
from tests.dashboard.server.processes import Served, serving, wait_for_two_more_passes

FOUNDATION = Foundation(environment="demo", operator_id=FOUNDER.actor_id, p50_ms=8_000, p95_ms=20_000)
CLIMB: tuple[dict[str, Any], ...] = (
    {"feature": True},
    {"allowlist": allowlist(SMALLEST)},
    {"percent": 1},
    {"kill": False},
    {"percent": 5},
    {"percent": 10},
    {"percent": 25},
)
"""To expand-25, from where 50 % is the next step."""
AGO_S = 900
SOME_JOBS = 5
JOBS = 340
"""A quarter of them is admitted: enough without a failure for EXPAND under the demo's thresholds."""
LONGEST_S = 10
"""No run takes longer: whatever began before has written its line."""
A_JOB_EVERY_S = 0.2

Specs = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Rollout:
    """Alice proposes and applies, Bob signs, the founder is admin; `tokens` by name."""

    home: Home
    tokens: dict[str, str]


@contextmanager
def rollout(folder: Path) -> Iterator[Rollout]:
    """The rollout; its executor works until the block ends."""
    home, clock = Home(folder / "home"), StoryClock(time.time_ns() - AGO_S * SECOND_NS)
    token, stop = found(home, FOUNDATION, clock, "demo-init"), Event()
    with ExitStack() as held:
        executor = held.enter_context(Rehearsal(home, "journeys"))
        specs, store = _in_scope(), Store.open(home.store)
        try:
            tokens = {FOUNDER: token, **_climb(home, store, clock, executor, specs)}
        finally:
            store.close()
        _run(executor, specs, clock, JOBS, (time.time_ns() - LONGEST_S * SECOND_NS - clock.now_ns) // JOBS)
        thread = Thread(target=_go_on, args=(executor, specs, stop), name="executor", daemon=True)
        thread.start()
        held.callback(thread.join)
        held.callback(stop.set)
        yield Rollout(home, {name(actor): text for actor, text in tokens.items()})


@contextmanager
def served_rollout(folder: Path) -> Iterator[tuple[Rollout, Served]]:
    """The same, served; everything of the quarter of an hour is loaded."""
    with rollout(folder) as here, serving(folder, here.home, usual_port()) as served:
        wait_for_two_more_passes(served)
        yield here, served


def _climb(home: Home, store: Store, clock: StoryClock, executor: Rehearsal, specs: Specs) -> dict[Any, str]:
    """The way to expand-25 in shadow, on evidence that nobody looks at; then `enforce`."""
    office = Office(home, store, clock, HeldEvidence())
    tokens = office.hire()
    office.agree_on_thresholds()
    for patch in CLIMB:
        _run(executor, specs, clock, SOME_JOBS, SECOND_NS)
        for pause_s in office.play(Carry(patch, "the way to expand-25")):
            clock.wait(pause_s)
    terms = Terms(reason="the journey is under enforce", decision_record="DEMO-1")
    answer = office.service.change_mode(FOUNDER, Mode.ENFORCE, terms)
    assert office.service.mode() is Mode.ENFORCE, answer.words
    return tokens


def _run(executor: Rehearsal, specs: Specs, clock: StoryClock, jobs: int, step_ns: int) -> None:
    """So many jobs by the moved clock, and every line of theirs."""
    for _ in range(jobs):
        clock.now_ns += step_ns
        executor.run(next(specs), clock.now_ns, Trouble.NONE)
    clock.wait(LONGEST_S)
    executor.reach(clock.now_ns)


def _go_on(executor: Rehearsal, specs: Specs, stop: Event) -> None:
    while not stop.wait(A_JOB_EVERY_S):
        executor.run(next(specs), time.time_ns(), Trouble.NONE)
        executor.reach(time.time_ns())


def _in_scope() -> Specs:
    """Jobs that the smallest scope permits, so that percent alone decides; always the same ones."""
    jobs, course = Jobs("journeys"), {"subject": "Biology", "level": "GCSE", "board": "AQA"}
    for number in count(1):
        spec, name = jobs.spec(0), f"job-{number}"
        yield {
            **spec,
            "jobId": name,
            "appliesTo": {**spec["appliesTo"], **course, "specVersion": "2016"},
            "jobs": [{**spec["jobs"][0], "jobId": name, "slotId": "summary", "kind": "explanatory"}],
            "metadata": {**spec["metadata"], "allowAI": True},
        }
