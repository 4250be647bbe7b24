"""Thresholds: stricter at once by one person, laxer by two; bound to their version; history kept."""

from typing import Any

import pytest

from gates.errors import InvalidChange, RequestConflict
from gates.policy.evidence import Verification
from gates.policy.intent import Actor, Role
from gates.verdict.defaults import DEFAULT
from gates.verdict.document import document_of
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, ERIN, TERMS, World

GUEST = Actor("local|guest", frozenset({Role.AUDITOR}))


def document(world: World, **changes: Any) -> dict[str, Any]:
    return {**document_of(world.service.thresholds()), **changes}


def codes(answer: Any) -> list[str]:
    return [code.value for code in answer.decision.reason_codes]


class TestStricter:
    def test_is_in_force_at_once(self, world: World) -> None:
        answer = world.service.propose_thresholds(CAROL, document(world, passAlpha=0.01), TERMS)
        assert (answer.request, answer.exit_code) == (None, 0)
        assert "version 1" in answer.words
        assert world.service.thresholds().pass_alpha == 0.01
        assert world.service.thresholds().version_number == 1
        assert world.service.question().thresholds.pass_alpha == 0.01
        assert world.actions()[-1] == "thresholds"

    def test_takes_a_role(self, world: World) -> None:
        for actor in (DAVE, GUEST):
            answer = world.service.propose_thresholds(actor, document(world, passAlpha=0.01), TERMS)
            assert codes(answer) == ["E_ROLE"]
        assert world.service.thresholds() == DEFAULT
        assert world.service.thresholds_history() == ()

    def test_over_an_old_version_is_refused(self, world: World) -> None:
        """Else who tightens one limit would undo another's tightening unseen."""
        old = document(world, passAlpha=0.01)
        world.service.propose_thresholds(CAROL, document(world, clockSkewSeconds=0.5), TERMS)
        answer = world.service.propose_thresholds(CAROL, old, TERMS)
        assert "E_BASE_REVISION" in codes(answer)
        assert world.service.thresholds().version_number == 1

    def test_the_same_is_no_change(self, world: World) -> None:
        answer = world.service.propose_thresholds(CAROL, document(world), TERMS)
        assert codes(answer) == ["E_NO_CHANGE"]

    def test_what_is_no_document_is_refused(self, world: World) -> None:
        for wrong in ({"version": "thresholds.v1"}, document(world, passAlpha=7), document(world, more=1)):
            with pytest.raises(InvalidChange, match=r"thresholds\.v1"):
                world.service.propose_thresholds(CAROL, wrong, TERMS)


class TestLaxer:
    def test_takes_two_people(self, world: World) -> None:
        answer = world.service.propose_thresholds(ALICE, document(world, passAlpha=0.1), TERMS)
        assert answer.request == 1
        assert world.service.request(1).content["loosens"] == ["passAlpha 0.05 -> 0.1"]
        assert "E_APPROVAL_MISSING" in codes(world.service.apply(ALICE, 1))
        assert "E_ROLE" in codes(world.service.approve(ALICE, 1))
        assert "E_OWN_APPROVAL" not in codes(world.service.approve(BOB, 1))
        assert world.service.thresholds() == DEFAULT
        applied = world.service.apply(ALICE, 1)
        assert applied.exit_code == 0
        assert world.service.thresholds().pass_alpha == 0.1
        (version,) = world.service.thresholds_history()
        assert (version.version_number, version.request_number) == (1, 1)
        assert version.document["number"] == 1

    def test_nobody_approves_their_own(self, world: World) -> None:
        world.service.propose_thresholds(ERIN, document(world, passAlpha=0.1), TERMS)
        assert codes(world.service.approve(ERIN, 1)) == ["E_OWN_APPROVAL"]

    def test_a_kill_meanwhile_does_not_void_it(self, world: World) -> None:
        world.service.propose_thresholds(ALICE, document(world, passAlpha=0.1), TERMS)
        world.service.approve(BOB, 1)
        world.service.narrow(CAROL, {"validUntil": "2099-01-01T00:00:00Z"})
        assert world.service.apply(ALICE, 1).exit_code == 0

    def test_other_thresholds_meanwhile_void_it(self, world: World) -> None:
        world.service.propose_thresholds(ALICE, document(world, passAlpha=0.1), TERMS)
        world.service.approve(BOB, 1)
        world.service.propose_thresholds(CAROL, document(world, clockSkewSeconds=0.5), TERMS)
        answer = world.service.apply(ALICE, 1)
        assert "E_BASE_REVISION" in codes(answer)
        assert world.service.request(1).state == "voided"
        with pytest.raises(RequestConflict, match="propose"):
            world.service.reject(BOB, 1, "too late")

    def test_not_under_roll_back(self, world: World) -> None:
        world.to_canary_1()
        world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)
        answer = world.service.propose_thresholds(ALICE, document(world, passAlpha=0.1), TERMS)
        assert answer.request is not None
        assert "E_ROLLED_BACK" in codes(world.service.approve(BOB, answer.request))

    def test_a_limit_that_is_both_counts_as_laxer(self, world: World) -> None:
        mixed = document(world, passAlpha=0.01, referenceMinCompleted=100)
        assert world.service.propose_thresholds(ALICE, mixed, TERMS).request == 1

    def test_without_reason_or_decision(self, world: World) -> None:
        from gates.changes.content import Terms

        answer = world.service.propose_thresholds(ALICE, document(world, passAlpha=0.1), Terms())
        assert codes(answer) == ["E_REASON_REQUIRED", "E_DECISION_RECORD"]
