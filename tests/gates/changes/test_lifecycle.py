"""From proposal to effect under `enforce`: the enable sequence, the ladder, what ends a request."""

from pathlib import Path
from typing import Any

import pytest

from gates.changes.content import Terms
from gates.errors import InvalidChange, NotSignedIn, RequestConflict, UnknownEntry
from gates.policy.evidence import Verification
from gates.policy.intent import Mode
from gates.policy.outcome import Outcome
from gates.store.rows import RequestState
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, ERIN, HOUR, TERMS, World, allowlist, rule


def codes(answer: Any) -> set[str]:
    return {code.value for code in answer.decision.reason_codes}


class TestEnableSequence:
    def test_to_canary_1_to_expand_10_and_back(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        world.carry({"percent": 5})
        world.carry({"percent": 10})
        assert world.newest["step"] == "expand-10"
        back = world.service.narrow(CAROL, {"percent": 1}, "errors")
        assert back.decision.outcome is Outcome.ALLOWED
        assert world.newest["step"] == "canary-1"
        assert world.service.kill(CAROL).stopped.killed
        assert not world.is_live()

    @pytest.mark.parametrize(
        "patch",
        [
            {"kill": False},
            {"percent": 1},
            {"allowlist": allowlist()},
            {"feature": True, "percent": 1},
            {"feature": True, "kill": False},
        ],
        ids=str,
    )
    def test_no_step_is_skipped_or_combined(self, world: World, patch: dict[str, Any]) -> None:
        world.verified()
        answer = world.service.propose(ALICE, patch, TERMS)
        assert answer.decision.outcome is Outcome.BLOCKED
        assert codes(answer) & {"E_ENABLE_ORDER", "E_ONE_DIMENSION"}
        assert "2: switch the feature on" in answer.decision.next_step
        assert answer.exit_code == 1
        assert world.newest["revision"] == 1
        assert world.actions()[-1] == "propose"

    def test_what_is_in_force_names_the_step_after_it(self, world: World) -> None:
        world.verified()
        number = world.service.propose(ALICE, {"feature": True}, TERMS).request
        assert number is not None
        assert world.service.approve(BOB, number).decision.next_step.startswith("enable sequence, 2")
        assert world.service.apply(ALICE, number).decision.next_step.startswith("enable sequence, 3")

    def test_what_was_narrowed_names_the_step_from_there(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        world.carry({"percent": 5})
        world.carry({"percent": 10})
        assert world.service.propose(ALICE, {"percent": 1}, TERMS).decision.next_step == "percent 5"

    def test_without_verification_nothing_is_signed(self, world: World) -> None:
        number = world.service.propose(ALICE, {"feature": True}, TERMS).request
        assert number is not None
        assert codes(world.service.approve(BOB, number)) == {"E_NOT_VERIFIED"}


class TestRequest:
    @pytest.fixture
    def number(self, world: World) -> int:
        world.verified()
        request = world.service.propose(ALICE, {"feature": True}, TERMS).request
        assert request is not None
        return request

    def state(self, world: World, number: int) -> RequestState:
        return world.service.request(number).state

    def test_nobody_approves_their_own(self, world: World) -> None:
        world.verified()
        request = world.service.propose(ERIN, {"feature": True}, TERMS).request
        assert request is not None
        assert codes(world.service.approve(ERIN, request)) == {"E_OWN_APPROVAL"}
        assert codes(world.service.apply(ALICE, request)) == {"E_APPROVAL_MISSING"}

    def test_a_role_is_needed(self, world: World, number: int) -> None:
        assert codes(world.service.approve(CAROL, number)) == {"E_ROLE"}
        assert codes(world.service.propose(DAVE, {"feature": True}, TERMS)) == {"E_ROLE"}

    def test_an_edit_takes_the_approval_away(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        seen = world.service.request(number).content_digest
        other = Terms(reason="other words", decision_record="ADR-8")
        world.service.edit(ALICE, number, {"feature": True}, other, seen)
        assert codes(world.service.apply(ALICE, number)) == {"E_APPROVAL_MISSING"}
        world.service.approve(BOB, number)
        assert world.service.apply(ALICE, number).revision == 2

    def test_whoever_edits_may_not_approve(self, world: World, number: int) -> None:
        seen = world.service.request(number).content_digest
        world.service.edit(ERIN, number, {"feature": True}, TERMS, seen)
        assert codes(world.service.approve(ERIN, number)) == {"E_OWN_APPROVAL"}

    def test_an_edit_of_what_was_edited_meanwhile(self, world: World, number: int) -> None:
        with pytest.raises(RequestConflict, match="edited request"):
            world.service.edit(ERIN, number, {"feature": True}, TERMS, "sha256:stale")

    def test_a_signature_for_another_content(self, world: World, number: int) -> None:
        with pytest.raises(RequestConflict, match="edited meanwhile"):
            world.service.approve(BOB, number, "sha256:stale")

    def test_expires_after_a_day(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.clock.now += 24 * HOUR
        assert "E_REQUEST_EXPIRED" in codes(world.service.apply(ALICE, number))
        assert self.state(world, number) is RequestState.EXPIRED

    def test_evidence_older_than_four_hours_voids(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.clock.now += 4 * HOUR + 1
        assert codes(world.service.apply(ALICE, number)) == {"E_EVIDENCE_STALE"}
        assert self.state(world, number) is RequestState.VOIDED

    def test_a_clock_set_back_refuses_and_voids_nothing(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.clock.now -= HOUR
        assert world.service.apply(ALICE, number).decision.outcome is Outcome.BLOCKED
        assert self.state(world, number) is RequestState.APPROVED
        world.clock.now += 2 * HOUR
        assert world.service.apply(ALICE, number).revision == 2

    def test_worse_evidence_voids(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.evidence.put(VerdictWord.KILLED, Verification.PASSED, frozenset({"KILL_BREACH"}))
        assert codes(world.service.apply(ALICE, number)) == {"E_EVIDENCE_WORSE"}
        assert self.state(world, number) is RequestState.VOIDED

    def test_a_moved_revision_voids(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.carry({"feature": True})
        with pytest.raises(RequestConflict, match="the controls moved to revision 2"):
            world.service.apply(ALICE, number)
        assert world.actions()[-1] == "apply a void request"
        assert self.state(world, number) is RequestState.VOIDED

    def test_rejected_for_good(self, world: World, number: int) -> None:
        with pytest.raises(InvalidChange):
            world.service.reject(BOB, number, " ")
        with pytest.raises(NotSignedIn):
            world.service.reject(DAVE, number, "no")
        world.service.reject(BOB, number, "not now")
        assert codes(world.service.apply(ALICE, number)) >= {"E_REQUEST_CLOSED"}
        with pytest.raises(RequestConflict):
            world.service.reject(BOB, number, "again")

    def test_applied_once(self, world: World, number: int) -> None:
        world.service.approve(BOB, number)
        world.service.apply(ALICE, number)
        with pytest.raises(RequestConflict, match="is applied"):
            world.service.apply(ALICE, number)
        assert world.newest["revision"] == 2

    def test_an_unknown_number(self, world: World) -> None:
        with pytest.raises(UnknownEntry):
            world.service.apply(ALICE, 99)

    def test_every_attempt_is_on_record(self, world: World, number: int) -> None:
        world.service.approve(CAROL, number)
        world.service.apply(ALICE, number)
        assert world.actions() == ["propose", "approve", "apply"]


class TestTwoAtOnce:
    def test_one_wins_the_other_is_told(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        first = world.service.propose(ALICE, {"percent": 5}, TERMS).request
        second = world.service.propose(ERIN, {"percent": 5}, TERMS).request
        assert first is not None
        assert second is not None
        world.service.approve(BOB, first)
        world.service.approve(BOB, second)
        assert world.service.apply(ALICE, first).revision is not None
        with pytest.raises(RequestConflict) as told:
            world.service.apply(ERIN, second)
        assert told.value.exit_code == 5

    def test_a_wider_second_is_blocked_by_the_base(self, world: World) -> None:
        world.verified()
        first = world.service.propose(ALICE, {"feature": True}, TERMS).request
        second = world.service.propose(ERIN, {"rolloutZero": "everyone"}, TERMS)
        assert first is not None
        assert codes(second) == {"E_ENABLE_ORDER"}
        world.service.approve(BOB, first)
        world.service.kill(CAROL)
        answer = world.service.apply(ALICE, first)
        assert answer.revision is not None  # the kill was on and changed nothing

    def test_what_was_seen_counts(self, world: World) -> None:
        world.verified()
        answer = world.service.propose(ALICE, {"feature": True}, TERMS, base_revision=0)
        assert answer.exit_code == 5
        assert codes(answer) == {"E_BASE_REVISION"}


class TestBroaden:
    def test_the_last_stage(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        for percent in (5, 10, 25, 50):
            world.carry({"percent": percent})
        answer = world.service.propose(ALICE, {"percent": 100}, TERMS)
        assert codes(answer) == {"E_BROADEN_FIRST"}
        world.carry({"allowlist": allowlist(rule(subject=["Biology", "Physics"]))})
        assert world.newest["step"] == "broaden-subject"
        world.carry({"percent": 100})
        steady = world.service.propose(ALICE, {"step": "steady"}, TERMS)
        assert codes(steady) == {"E_STEADY_CRITERIA"}
        world.evidence.put(VerdictWord.EXPAND, Verification.PASSED, beta_criteria_met=True)
        world.carry({"step": "steady"})
        assert world.newest["stage"] == 4

    def test_nobody_names_a_step(self, world: World) -> None:
        with pytest.raises(InvalidChange, match="follows from the change"):
            world.service.propose(ALICE, {"step": "expand-50"}, TERMS)


class TestException:
    def test_not_enough_data_takes_a_reason(self, world: World) -> None:
        world.to_canary_1()
        world.evidence.put(VerdictWord.NOT_ENOUGH_DATA, Verification.PASSED)
        number = world.service.propose(ALICE, {"percent": 5}, TERMS).request
        assert number is not None
        assert codes(world.service.approve(BOB, number)) == {"E_NOT_EXPAND"}
        said = Terms(reason="quiet week", decision_record="ADR-9", exception="12 clean jobs, bound 31 %")
        world.carry({"percent": 5}, said)

    def test_never_under_roll_back(self, world: World) -> None:
        world.to_canary_1()
        world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)
        said = Terms(reason="hurry", decision_record="ADR-9", exception="please")
        number = world.service.propose(ALICE, {"percent": 5}, said).request
        assert number is not None
        assert codes(world.service.approve(BOB, number)) >= {"E_ROLLED_BACK"}


class TestOff:
    def test_nothing_is_checked_but_what_always_holds(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.OFF)
        number = world.service.propose(DAVE, {"feature": True, "percent": 100}, Terms()).request
        assert number is not None
        answer = world.service.apply(DAVE, number)
        assert answer.decision.outcome is Outcome.UNCHECKED
        assert world.newest["percent"] == 100
        stale = world.service.propose(DAVE, {"kill": False}, Terms(), base_revision=1)
        assert codes(stale) == {"E_BASE_REVISION"}
        zero = world.service.propose(DAVE, {"rolloutZero": "everyone", "percent": 0, "kill": False}, Terms())
        assert codes(zero) == {"E_ZERO_OPENS_GATE"}
        tally = world.service.divergence()
        assert (tally.shadow.judged, tally.enforce.judged) == (0, 0)


class TestShadow:
    def test_alone_with_everything_on_record(self, tmp_path: Path) -> None:
        world = World(tmp_path, Mode.SHADOW)
        number = world.service.propose(ALICE, {"feature": True}, TERMS).request
        assert number is not None
        answer = world.service.apply(ALICE, number)
        assert answer.decision.outcome is Outcome.WOULD_BLOCK
        assert codes(answer) == {"E_NOT_VERIFIED", "E_APPROVAL_MISSING"}
        assert world.newest["feature"] is True
        divergence = world.service.divergence()
        assert (divergence.shadow.stopped, divergence.shadow.judged) == (1, 2)
        assert divergence.enforce.judged == 0
        assert divergence.sentence.startswith("would have blocked 1 of 2: E_")


class TestRevert:
    def test_of_a_widening_at_once(self, world: World) -> None:
        world.to_canary_1()
        world.expand()
        world.carry({"percent": 5})
        answer = world.service.revert(ALICE, TERMS)
        assert answer.revision is not None
        assert (world.newest["percent"], world.newest["step"]) == (1, "canary-1")

    def test_of_a_narrowing_takes_two(self, world: World) -> None:
        world.to_canary_1()
        world.service.kill(CAROL)
        world.service.reconcile()
        answer = world.service.revert(ALICE, TERMS)
        assert answer.request is not None
        assert not world.is_live()

    def test_of_nothing(self, world: World) -> None:
        with pytest.raises(InvalidChange):
            world.service.revert(ALICE, TERMS)
