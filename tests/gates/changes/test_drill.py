"""A drill brings back exactly what it took away, or leaves the kill on; a real kill always wins."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gates.changes.answers import Answer
from gates.changes.content import DRILL
from gates.changes.documents import content_of
from gates.changes.drilling import Patience
from gates.errors import InvalidChange, PublishConflict
from gates.kill import Stopped, stop
from gates.policy.evidence import Verification
from gates.policy.intent import Mode
from gates.store.review_rows import DrillState
from gates.verdict.evidence import KillState
from gates.verdict.verdict import KillConfirmation
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, CAROL, ERIN, SECOND, TERMS, Crash, World

CONFIRMED = KillConfirmation(state=KillState.CONFIRMED, sentence="14 stubbed since, 0 calls since")
ENGAGED = KillConfirmation(state=KillState.ENGAGED, sentence="no job has run since; send a probe")
BREACHED = KillConfirmation(state=KillState.BREACHED, sentence="2 calls since")


class Telemetry:
    """Confirms at the look `at`; what else happens at a look is handed in."""

    def __init__(self, world: World, at: int = 3, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.world, self.at, self.meanwhile = world, at, meanwhile
        self.looks = 0

    def __call__(self) -> KillConfirmation:
        self.looks += 1
        assert not self.world.is_live()
        self.meanwhile()
        return CONFIRMED if self.looks >= self.at else ENGAGED


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    return world


def patience(world: World, **changes: Any) -> Patience:
    def sleep(seconds: float) -> None:
        world.clock.now += round(seconds * SECOND)

    return Patience(**({"sleep": sleep} | changes))


def approved(world: World) -> int:
    asked = world.service.propose_drill(ALICE, TERMS)
    assert asked.request is not None, asked
    signed = world.service.approve(BOB, asked.request)
    assert f"`slotgate drill kill {asked.request}` runs it" in signed.words
    return asked.request


def run(world: World, confirm: Callable[[], KillConfirmation], number: int | None = None) -> Answer:
    number = approved(world) if number is None else number
    return world.service.run_drill(ALICE, number, confirm, patience(world))


def codes(answer: Answer) -> list[str]:
    return [code.value for code in answer.decision.reason_codes]


def left_killed(world: World, words: str) -> None:
    assert not world.is_live()
    assert world.newest == world.publisher.in_force().document
    (drill,) = world.service.drills()
    assert drill.state is DrillState.LEFT_KILLED
    assert words in drill.words
    assert drill.restored_revision is None
    assert world.service.last_tested_rollback() is None
    assert not world.home.drilling.exists()
    assert world.service.request(drill.request_number).state == "voided"


class TestRestored:
    def test_exactly_the_same_controls_come_back(self, world: World) -> None:
        before = world.newest
        answer = run(world, Telemetry(world))
        assert answer.exit_code == 0
        assert answer.revision == before["revision"] + 2
        assert world.is_live()
        assert content_of(world.newest) == content_of(before)
        assert world.newest == world.publisher.in_force().document
        assert "confirmed 2.0 s after the kill" in answer.words
        assert world.service.reconcile() == ()

    def test_is_on_record_as_a_tested_rollback(self, world: World) -> None:
        answer = run(world, Telemetry(world))
        drill = world.service.last_tested_rollback()
        assert drill is not None
        assert (drill.state, drill.restored_revision) == (DrillState.RESTORED, answer.revision)
        assert drill.words == CONFIRMED.sentence
        assert drill.killed_at_ns is not None
        assert drill.confirmed_at_ns is not None
        assert drill.killed_at_ns < drill.confirmed_at_ns
        assert world.actions()[-4:] == ["drill kill", "drill restore", "in force", "drill ends"]
        with world.store.read() as tx:
            tail = tx.audit.tail()
        assert tail is not None
        after = json.loads(tail.body)["after"]
        assert after["state"] == "restored"
        assert after["confirmedAfterSeconds"] == 2.0
        assert world.service.request(drill.request_number).state == "applied"

    def test_it_settles_no_reason_that_somebody_owes(self, world: World) -> None:
        world.service.kill(CAROL)
        world.service.reconcile()
        world.verified()
        world.carry({"kill": False})
        assert len(world.service.owed()) == 1
        run(world, Telemetry(world))
        assert len(world.service.owed()) == 1

    def test_twice_takes_two_requests(self, world: World) -> None:
        number = approved(world)
        run(world, Telemetry(world), number)
        again = run(world, Telemetry(world), number)
        assert "E_REQUEST_CLOSED" in codes(again)
        assert world.is_live()


class TestLeftKilled:
    def test_when_telemetry_does_not_confirm(self, world: World) -> None:
        answer = run(world, lambda: ENGAGED)
        assert codes(answer) == ["E_DRILL"]
        assert answer.exit_code == 1
        assert answer.words.startswith("STILL STOPPED: telemetry did not confirm")
        left_killed(world, ENGAGED.sentence)

    def test_when_telemetry_contradicts_it_at_once(self, world: World) -> None:
        looks = []
        run(world, lambda: looks.append(1) or BREACHED)  # type: ignore[func-returns-value]
        assert len(looks) == 1
        left_killed(world, BREACHED.sentence)

    def test_when_telemetry_cannot_be_asked(self, world: World) -> None:
        def fail() -> KillConfirmation:
            raise OSError("the telemetry is held")

        run(world, fail)
        left_killed(world, "the telemetry is held")

    def test_when_it_takes_too_long(self, world: World) -> None:
        def late() -> KillConfirmation:
            world.clock.now += 16 * 60 * SECOND
            return CONFIRMED

        assert codes(run(world, late)) == ["E_DRILL"]
        left_killed(world, "15 minutes")

    def test_when_somebody_really_kills_meanwhile(self, world: World) -> None:
        killed: list[Stopped] = []

        def kill() -> None:
            if not killed:
                killed.append(world.service.kill(CAROL, "errors").stopped)

        answer = run(world, Telemetry(world, meanwhile=kill))
        assert not killed[0].already
        assert "E_DRILL" in codes(answer)
        left_killed(world, "not those that the drill left")
        assert world.service.reconcile() == ()

    def test_when_somebody_kills_through_the_page_meanwhile(self, world: World) -> None:
        def kill() -> None:
            world.service.narrow(CAROL, {"kill": True})

        run(world, Telemetry(world, meanwhile=kill))
        left_killed(world, "not those that the drill left")

    def test_when_somebody_narrows_meanwhile(self, world: World) -> None:
        run(world, Telemetry(world, meanwhile=lambda: world.service.narrow(CAROL, {"feature": False})))
        left_killed(world, "not those that the drill left")
        assert world.newest["feature"] is False

    def test_when_somebody_narrows_just_before_the_kill(self, world: World) -> None:
        number = approved(world)
        judge = world.evidence.evidence

        def narrowing(question: Any) -> Any:
            stop(world.home, world.clock)
            return judge(question)

        world.evidence.evidence = narrowing  # type: ignore[method-assign]
        run(world, Telemetry(world), number)
        assert not world.is_live()
        assert world.service.last_tested_rollback() is None

    def test_when_the_request_is_rejected_meanwhile(self, world: World) -> None:
        number = approved(world)
        rejected: list[int] = []

        def reject() -> None:
            if not rejected:
                rejected.append(number)
                world.service.reject(BOB, number, "not now")

        assert "E_REQUEST_CLOSED" in codes(run(world, Telemetry(world, meanwhile=reject), number))
        assert not world.is_live()

    def test_when_roll_back_begins_meanwhile(self, world: World) -> None:
        def worse() -> None:
            world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)

        assert "E_ROLLED_BACK" in codes(run(world, Telemetry(world, meanwhile=worse)))
        left_killed(world, "ROLL BACK")

    def test_when_it_is_interrupted(self, world: World) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(world, Telemetry(world, meanwhile=interrupt))
        left_killed(world, "interrupted")

    def test_when_a_real_kill_comes_in_the_last_moment(self, tmp_path: Path) -> None:
        """Between the review of the way back and its publication."""

        class Late:
            def __init__(self, publisher: Any) -> None:
                self.publisher = publisher

            def __getattr__(self, name: str) -> Any:
                return getattr(self.publisher, name)

            def publish(self, controls: Any, over: Any = None) -> Any:
                if not controls["kill"] and over is not None and over.document["kill"] and armed:
                    armed.clear()
                    assert stop(world.home, world.clock).killed
                return self.publisher.publish(controls, over=over)

        armed: list[bool] = []
        world = World(tmp_path, wrap=Late)
        world.to_canary_1()
        armed.append(True)
        with pytest.raises(PublishConflict):
            run(world, Telemetry(world))
        left_killed(world, "")
        assert world.service.reconcile() == ()

    @pytest.mark.parametrize("looks", range(1, 60, 2))
    def test_after_a_crash_anywhere(self, world: World, looks: int) -> None:
        number = approved(world)
        before = world.newest
        world.clock.crash_in(looks)
        with suppress(Crash):
            run(world, Telemetry(world), number)
        world.clock.crash_in(None)
        live = world.is_live()
        world.service.reconcile()
        assert live or not world.is_live()
        if world.is_live() and world.newest != before:
            assert content_of(world.newest) == content_of(before)
        assert world.newest == world.publisher.in_force().document


def test_an_interrupted_one_is_closed_by_the_next(world: World) -> None:
    def die() -> None:
        raise Crash

    with pytest.raises(Crash):
        run(world, Telemetry(world, meanwhile=die))
    assert [one.state for one in world.service.drills()] == [DrillState.RUNNING]
    world.verified()
    world.carry({"kill": False})
    run(world, Telemetry(world))
    assert [one.state for one in world.service.drills()] == [DrillState.LEFT_KILLED, DrillState.RESTORED]


class TestRefused:
    def test_without_approval(self, world: World) -> None:
        asked = world.service.propose_drill(ALICE, TERMS)
        answer = run(world, Telemetry(world), asked.request)
        assert codes(answer) == ["E_APPROVAL_MISSING"]
        assert world.is_live()
        assert not world.home.drilling.exists()

    def test_by_its_own_approver(self, world: World) -> None:
        asked = world.service.propose_drill(ERIN, TERMS)
        assert asked.request is not None
        assert codes(world.service.approve(ERIN, asked.request)) == ["E_OWN_APPROVAL"]

    def test_by_oncall(self, world: World) -> None:
        number = approved(world)
        answer = world.service.run_drill(CAROL, number, Telemetry(world), patience(world))
        assert codes(answer) == ["E_ROLE"]
        assert world.is_live()

    def test_under_the_kill(self, world: World) -> None:
        world.service.kill(CAROL)
        world.service.reconcile()
        assert codes(world.service.propose_drill(ALICE, TERMS)) == ["E_DRILL"]

    def test_over_controls_that_moved_on(self, world: World) -> None:
        number = approved(world)
        world.service.narrow(CAROL, {"validUntil": "2099-01-01T00:00:00Z"})
        assert "E_BASE_REVISION" in codes(run(world, Telemetry(world), number))
        assert world.is_live()

    def test_by_another_command(self, world: World) -> None:
        number = approved(world)
        with pytest.raises(InvalidChange, match=f"drill kill {number}"):
            world.service.apply(ALICE, number)
        world.expand()
        other = world.service.propose(ALICE, {"percent": 5}, TERMS).request
        with pytest.raises(InvalidChange, match="of kind"):
            run(world, Telemetry(world), other)
        assert world.service.request(number).kind == DRILL

    def test_shadow_asks_for_no_approval_and_still_for_confirmation(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        world.to_canary_1()
        first = world.service.propose_drill(ALICE, TERMS).request
        assert run(world, Telemetry(world), first).revision is not None
        second = world.service.propose_drill(ALICE, TERMS).request
        assert codes(run(world, lambda: ENGAGED, second))[0] == "E_DRILL"
        assert not world.is_live()
