"""How the controls came to be: each revision with its request, signatures and reason."""

from pathlib import Path

from gates.policy.evidence import Verification
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, CAROL, PEOPLE, TERMS, World


def test_each_revision_is_told_with_who_asked_who_signed_and_why(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.evidence.put(VerdictWord.KILLED, Verification.PASSED)
    number = world.service.propose(ALICE, {"feature": True}, TERMS).request
    assert number is not None
    world.service.approve(BOB, number)
    world.service.apply(ALICE, number)
    world.service.narrow(CAROL, {"feature": False}, "it failed at night")
    world.service.narrow(CAROL, {"rolloutZero": "nobody"}, "nothing to take away")
    newest, expansion, first = world.service.story()
    assert newest == world.service.told()
    assert (newest.reason, newest.request, newest.approvals) == ("it failed at night", None, ())
    assert expansion.request is not None
    assert (expansion.request.number, expansion.reason) == (number, TERMS.reason)
    assert [one.approver_id for one in expansion.approvals] == [BOB.actor_id]
    assert (first.reason, first.stands) == (None, True)


def test_what_stands_and_who_there_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    standing = world.service.standing()
    assert (standing.latched, standing.broadened) == (None, False)
    assert "https" in standing.record_pattern
    assert {one.operator_id for one in world.service.people()} == {one.actor_id for one in PEOPLE}
    assert world.service.tokens() == ()
