"""The lists of a real home: its statements, drills, control file and chain, with evidence that is put."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.beta.of_home import HomeBeta
from dashboard.beta.words import as_record, in_words
from gates.beta.checklist import Checklist, State
from gates.beta.items import ITEMS, BetaList
from gates.policy.intent import Mode
from gates.store.review_rows import DrillRow, DrillState
from gates.verdict.evidence import KillState, Severity
from gates.verdict.verdict import KillConfirmation
from schemas.stages import Step
from tests.gates.beta.builders import SEEN, verdict
from tests.gates.changes.world import ALICE, BOB, HOUR, TERMS, World
from tests.gates.verdict.builders import DAY, finding, kill, question

LINK = "https://ci.example/7"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, Mode.SHADOW)


def asked(world: World, step: Step = Step.EXPAND_100, **others: Any) -> Any:
    return question(step=step, now_ns=world.clock(), **others)


def seen(world: World, step: Step = Step.EXPAND_100, **others: Any) -> Checklist:
    return HomeBeta(world.home, world.store).seen(asked(world, step), replace(SEEN, **others), verdict())


def sign_everything(world: World) -> None:
    for item in ITEMS:
        if item.is_signed and item.belongs is not BetaList.GA_EXIT:
            world.service.sign_statement(BOB, item.item_id, LINK, "looked at")


def drilled(world: World, state: DrillState = DrillState.RESTORED, **others: Any) -> None:
    """A drill of an hour ago, as the change service keeps it."""
    if world.newest["step"] == Step.BASELINE:
        world.expand()
        world.service.propose(ALICE, {"feature": True}, TERMS)
    at_ns = world.clock.now - HOUR
    with world.store.begin() as tx:
        number = next(iter(tx.requests.all())).number  # some request: what it asks for is not looked at
        drill_id = tx.drills.begin(
            request_number=number, actor_id=ALICE.actor_id, base_revision=1, at_ns=at_ns
        )
        row = tx.drills.get(drill_id)
        assert isinstance(row, DrillRow)
        ended: dict[str, Any] = {
            "kill_revision": 2,
            "killed_at_ns": at_ns,
            "confirmed_at_ns": at_ns + 1,
            "restored_revision": 3,
            "ended_at_ns": at_ns + 2,
        }
        tx.drills.put(replace(row, state=state, **(ended | others)))


def state(found: Checklist, item_id: str) -> State:
    return next(result.state for result in found.results if result.item.item_id == item_id)


class TestSteady:
    def test_everything_met_and_signed(self, world: World) -> None:
        sign_everything(world)
        drilled(world)
        beta = HomeBeta(world.home, world.store)
        assert beta.permits_steady(asked(world), SEEN, verdict())
        for step in set(Step) - {Step.EXPAND_100, Step.STEADY}:
            assert not beta.permits_steady(asked(world, step), SEEN, verdict())

    def test_nothing_signed(self, world: World) -> None:
        drilled(world)
        assert not HomeBeta(world.home, world.store).permits_steady(asked(world), SEEN, verdict())

    def test_a_withdrawn_statement(self, world: World) -> None:
        sign_everything(world)
        drilled(world)
        world.service.withdraw_statement(BOB, "ready-fallback", "it changes")
        assert not HomeBeta(world.home, world.store).permits_steady(asked(world), SEEN, verdict())

    def test_a_statement_that_ran_out(self, world: World) -> None:
        sign_everything(world)
        drilled(world)
        world.clock.now += 7 * DAY
        found = seen(world)
        assert state(found, "flight-ci-green") is State.EXPIRED
        assert state(found, "stable-rollback") is State.EXPIRED
        assert not found.permits_steady

    def test_the_control_file_is_gone(self, world: World) -> None:
        sign_everything(world)
        drilled(world)
        world.home.control_file.unlink()
        assert not HomeBeta(world.home, world.store).permits_steady(asked(world), SEEN, verdict())


class TestWhatTheHomeShows:
    def test_a_drill_that_was_left_killed_is_no_tested_rollback(self, world: World) -> None:
        drilled(world, DrillState.LEFT_KILLED)
        assert state(seen(world), "stable-rollback") is State.OPEN

    def test_a_kill_that_telemetry_confirms(self, world: World) -> None:
        now_ns = world.clock.now
        facts = kill(engaged_ns=now_ns - HOUR, released_ns=None)
        beta = HomeBeta(world.home, world.store)
        for told, expected in ((KillState.CONFIRMED, State.MET), (KillState.DRAINING, State.OPEN)):
            judged = verdict(kill=KillConfirmation(state=told, sentence=""))
            found = beta.seen(asked(world), replace(SEEN, kill=facts), judged)
            assert state(found, "change-kill") is expected

    def test_the_allowlist_in_force(self, world: World) -> None:
        assert state(seen(world), "flight-allowlist") is State.MET
        world.home.control_file.write_text("{}")
        assert state(seen(world), "flight-allowlist") is State.CONTRADICTED

    def test_a_chain_that_was_edited(self, world: World) -> None:
        world.service.sign_statement(BOB, "ga-telemetry", LINK, "complete")
        assert state(seen(world), "ga-telemetry") is State.SIGNED
        with world.store.begin() as tx:
            connection = tx.audit._connection  # type: ignore[attr-defined]  # the tampering hand
            connection.exec_driver_sql("DROP TRIGGER audit_record_no_update")
            connection.exec_driver_sql("UPDATE audit_record SET body = replace(body, 'complete', 'x')")
        assert state(seen(world), "ga-telemetry") is State.CONTRADICTED

    def test_telemetry_that_cannot_be_read(self, world: World) -> None:
        found = HomeBeta(world.home, world.store).unseen(asked(world), "the file is damaged")
        assert "the file is damaged" in "\n".join(in_words(found, None))
        assert not found.permits_steady


class TestWords:
    def test_what_requires_rollback_comes_first_whichever_list_is_shown(self, world: World) -> None:
        found = seen(world, findings=(finding("KILL_BREACH", Severity.CRITICAL),))
        for only in (None, *BetaList):
            first, second, *_ = in_words(found, only)
            assert first.startswith("the plans require rollback: path as expected (ROLL BACK): ")
            assert "slotgate revert" in second
            assert as_record(found, only)["rollbackRequired"] == [
                {"item": "change-path", "verdict": "ROLL_BACK"}
            ]

    def test_each_list_by_itself(self, world: World) -> None:
        found = seen(world)
        for only in BetaList:
            shown = "\n".join(in_words(found, only))
            assert all((item.item_id in shown) == (item.belongs is only) for item in ITEMS)
            assert [one["list"] for one in as_record(found, only)["items"]] == [only.value] * len(
                found.of(only)
            )
