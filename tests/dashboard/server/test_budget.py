"""The budget guard of a served home: warns once, stops in time, forgets nothing, and opens nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli.guarded import UnusableStore
from dashboard.server.budget import LASTING_LOOKS, LOOK_ANEW_NS, BudgetGuard
from gates.changes.recording import row_of
from gates.changes.service import ChangeService
from gates.changes.spending import SpendingDocument
from gates.controls.reader import ControlFile
from gates.errors import GateError, StoreError, StoreLocked
from gates.spending.used import DayUsage, Used
from gates.store.rows import RevisionKind
from ingest.errors import StoreDamaged
from ingest.usage import DAY_NS
from tests.gates.changes.world import ALICE, BOB, CAROL, TERMS, World, allowlist, document
from tests.gates.spending.documents import budget_document, prices_document, used


class Guarding:
    """A live home at canary-1 with a guard over usage that a test holds."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self._open()
        self.used: tuple[Used, ...] = ()
        self.days: list[int] = []
        self.generation = 0
        self.count_takes_ns = 0
        self.failing: Exception | None = None
        self.lagging: str | None = None
        self.store_fails: GateError | None = None
        self.said: list[str] = []
        self.guard = self.restarted()

    def _open(self) -> None:
        """At canary-1, without the way there."""
        live = document(revision=2, kill=False, feature=True, percent=1, stage=1, step="canary-1")
        live = {**live, "allowlist": allowlist()}
        with self.world.store.begin() as tx:
            tx.revisions.append(
                row_of(
                    live, None, RevisionKind.WIDENING, actor_id="local|alice", intent_id="live",
                    at_ns=self.world.clock(),
                )
            )  # fmt: skip
        self.world.publisher.publish(live)
        assert self.world.is_live()

    def restarted(self) -> BudgetGuard:
        """A guard as the next `serve` makes it."""
        world = self.world
        return BudgetGuard(
            self.service,
            lambda error: ChangeService(replace(world.desk, store=UnusableStore(StoreError(str(error))))),
            self.usage,
            lambda: self.generation,
            lambda: self.lagging,
            ControlFile(world.home.control_file, clock=world.clock),
            self.said.append,
            clock=world.clock,
        )

    @contextmanager
    def service(self) -> Iterator[ChangeService | None]:
        if self.store_fails is not None:
            raise self.store_fails
        yield self.world.service

    def usage(self, day_no: int) -> DayUsage:
        self.days.append(day_no)
        self.world.clock.now += self.count_takes_ns
        if self.failing is not None:
            raise self.failing
        return DayUsage(used=self.used)

    def budget(self, **limits: Any) -> None:
        service, document = self.world.service, budget_document(**limits)
        answer = service.change_spending(ALICE, SpendingDocument.BUDGET, document, TERMS)
        if answer.request is not None:
            assert service.approve(BOB, answer.request).exit_code == 0
            assert service.apply(ALICE, answer.request).exit_code == 0

    def shows(self, *rows: Used) -> None:
        """Lines came in."""
        self.used = rows
        self.generation += 1
        self.guard.look()

    def released(self) -> str:
        """By two people, as ever; what the first was told."""
        self.world.verified()
        self.world.service.reconcile()
        asked = self.world.service.unkill(ALICE, TERMS)
        assert asked.request is not None, asked
        assert self.world.service.approve(BOB, asked.request).exit_code == 0
        assert self.world.service.apply(ALICE, asked.request).revision is not None
        return asked.words

    def bodies(self, actor: str = "system|budget") -> list[dict[str, Any]]:
        with self.world.store.read() as tx:
            bodies = [json.loads(record.body) for record in tx.audit.iterate()]
        return [body for body in bodies if body["actor"] == actor]


@pytest.fixture
def guarding(tmp_path: Path) -> Guarding:
    return Guarding(tmp_path)


def test_without_a_budget_nothing_is_counted_or_said(guarding: Guarding) -> None:
    guarding.shows(used(calls=10**9))
    assert (guarding.days, guarding.said, guarding.world.is_live()) == ([], [], True)


def test_it_warns_at_four_fifths_once(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    for calls in (79, 80, 85, 99):
        guarding.shows(used(calls=calls))
    assert guarding.guard.guarded.warnings == ("budget of calls: 99 of 100 calls today (99 %)",)
    assert guarding.said == ["budget of calls: 80 of 100 calls today (80 %)"]
    assert [(body["action"], body["reason"]) for body in guarding.bodies()] == [
        ("budget warning", "budget of calls: 80 of 100 calls today (80 %)")
    ]
    assert guarding.world.is_live()


def test_it_stops_at_all_with_the_figures_on_record(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=104))
    assert not guarding.world.is_live()
    kill, warning = guarding.bodies()
    assert (kill["action"], warning["action"]) == ("kill", "budget warning")
    assert kill["reason"] == "budget: the budget of calls is used up: 104 of 100 calls today (104 %)"
    assert guarding.world.newest["kill"]
    assert "STOPPED" in str(guarding.guard.guarded.done)
    with guarding.world.store.read() as tx:
        assert not tx.owed.open()  # the reason is given


def test_a_stop_is_recorded_once_however_long_it_stands(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    for calls in (104, 105, 110):
        guarding.shows(used(calls=calls))
    guarding.guard = guarding.restarted()
    guarding.shows(used(calls=110))
    assert [body["action"] for body in guarding.bodies()] == ["kill", "budget warning"]


def test_a_restart_forgets_neither_use_nor_warning(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=90))
    guarding.guard = guarding.restarted()
    guarding.shows(used(calls=90))
    assert [body["action"] for body in guarding.bodies()] == ["budget warning"]
    guarding.guard = guarding.restarted()
    guarding.shows(used(calls=100))
    assert not guarding.world.is_live()


def test_midnight_undoes_no_stop(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=100))
    guarding.world.clock.now += DAY_NS
    guarding.shows()
    assert not guarding.world.is_live()
    assert guarding.days[-1] == guarding.days[0] + 1
    assert "budget" not in guarding.released()
    guarding.shows(used(calls=5))
    assert guarding.world.is_live()


def test_a_release_on_the_same_day_is_stopped_again_and_says_so_before(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=100))
    assert "the guard stops again until the limit is raised" in guarding.released()
    assert guarding.world.is_live()
    guarding.guard.look()
    assert not guarding.world.is_live()


def test_a_raised_limit_lets_a_release_stand(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=100))
    guarding.budget(callsPerDay=200)
    guarding.guard.look()
    assert "budget" not in guarding.released()
    guarding.shows(used(calls=150))
    assert guarding.world.is_live()


def test_a_kill_by_somebody_else_is_left_alone(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.world.service.kill(CAROL, "night")
    guarding.shows(used(calls=100))
    assert [body["action"] for body in guarding.bodies()] == ["budget warning"]
    assert "used up" in str(guarding.guard.guarded.used_up)


def test_a_store_that_cannot_be_used_opens_nothing(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows(used(calls=1))
    guarding.store_fails = StoreLocked("the store is locked; try again")
    guarding.shows(used(calls=100))
    assert not guarding.world.is_live()
    assert "recorded late" in str(guarding.guard.guarded.done)
    assert "locked" in str(guarding.guard.guarded.failure)
    guarding.store_fails = None
    guarding.world.service.reconcile()
    assert [body["late"] for body in guarding.bodies() if body["action"] == "kill"] == [True]


def test_a_store_that_was_never_read_is_said(guarding: Guarding) -> None:
    guarding.store_fails = StoreLocked("the store is locked; try again")
    guarding.shows(used(calls=10**9))
    assert guarding.said == ["the budget cannot be looked at: the store is locked; try again"]
    guarding.shows()
    assert len(guarding.said) == 1


@pytest.mark.parametrize(("unknown", "stops"), [("warn", False), ("kill", True)])
def test_telemetry_that_cannot_be_asked_for_long(guarding: Guarding, unknown: str, stops: bool) -> None:
    guarding.budget(callsPerDay=100, unknown=unknown)
    guarding.failing = StoreDamaged("the telemetry store is damaged; move it away")
    for _ in range(LASTING_LOOKS - 1):
        guarding.guard.look()
    assert guarding.world.is_live()
    guarding.guard.look()
    assert guarding.world.is_live() is not stops
    assert any("cannot be counted" in words for words in guarding.guard.guarded.warnings)
    guarding.failing = None
    guarding.shows(used(calls=1))
    assert guarding.guard.guarded.warnings == ()


@pytest.mark.parametrize(("unknown", "stops"), [("warn", False), ("kill", True)])
def test_a_spool_that_is_not_loaded(guarding: Guarding, unknown: str, stops: bool) -> None:
    guarding.budget(callsPerDay=100, unknown=unknown)
    guarding.lagging = "StoreError: the disk is full"
    for _ in range(LASTING_LOOKS):
        guarding.guard.look()
    assert guarding.world.is_live() is not stops


@pytest.mark.parametrize(("unknown", "stops"), [("warn", False), ("kill", True)])
def test_a_model_without_a_price(guarding: Guarding, unknown: str, stops: bool) -> None:
    service = guarding.world.service
    service.change_spending(ALICE, SpendingDocument.PRICES, prices_document(), TERMS)
    guarding.budget(moneyPerDay=1000.0, currency="USD", unknown=unknown)
    guarding.shows(used("o9", day="2027-01-15"))
    assert guarding.world.is_live() is not stops
    assert "no price of `o9`" in " ".join(guarding.guard.guarded.warnings)


def test_a_budget_that_cannot_be_read_stops(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    with guarding.world.store.begin() as tx:
        tx.settings.set("budget", "{")
    guarding.shows()
    assert not guarding.world.is_live()


def test_usage_is_counted_when_lines_come_or_after_a_while(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    for _ in range(5):
        guarding.guard.look()
    assert len(guarding.days) == 1
    guarding.world.clock.now += LOOK_ANEW_NS
    guarding.guard.look()
    guarding.shows()
    assert len(guarding.days) == 3


def test_a_long_count_rests_and_then_sees_what_came(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.count_takes_ns = 10**9
    guarding.shows(used(calls=1))
    guarding.shows(used(calls=100))
    assert len(guarding.days) == 1
    assert guarding.world.is_live()
    guarding.world.clock.now += 5 * 10**9
    guarding.guard.look()
    assert not guarding.world.is_live()


def test_a_clock_that_is_set_back_counts_the_day_that_it_is(guarding: Guarding) -> None:
    guarding.budget(callsPerDay=100)
    guarding.shows()
    guarding.world.clock.now -= DAY_NS
    guarding.guard.look()
    assert guarding.days[1] == guarding.days[0] - 1
