"""What would be answered: the same as is answered, and nothing written."""

import pytest

from gates.changes.content import Terms
from gates.errors import InvalidChange, RequestConflict, UnknownEntry
from gates.policy.evidence import Verification
from gates.policy.outcome import Outcome, ReasonCode
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, DAVE, TERMS, World, allowlist, document, rule


def _records(world: World) -> int:
    with world.store.read() as tx:
        return sum(1 for _ in tx.audit.iterate())


@pytest.mark.parametrize(
    ("patch", "terms"),
    [
        ({"feature": True}, TERMS),
        ({"feature": True}, Terms()),
        ({"percent": 5}, TERMS),
        ({"feature": True, "percent": 1}, TERMS),
        ({"kill": True}, TERMS),
        ({"allowlist": allowlist(rule(), rule(id="second"))}, TERMS),
    ],
)
def test_the_rehearsal_says_what_is_said_and_writes_nothing(
    world: World, patch: dict[str, object], terms: Terms
) -> None:
    for actor in (ALICE, DAVE):
        before = _records(world)
        rehearsed = world.service.would_propose(actor, patch, terms)
        assert _records(world) == before
        assert not world.service.open_requests()
        answer = world.service.propose(actor, patch, terms)
        assert rehearsed.decision == answer.decision
        if answer.request is not None:
            assert not rehearsed.at_once
            world.service.reject(ALICE, answer.request, "rehearsed")


def test_a_stale_page_is_told_so_before_it_asks(world: World) -> None:
    found = world.service.would_propose(ALICE, {"feature": True}, TERMS, base_revision=0)
    assert found.decision.outcome is Outcome.BLOCKED
    assert ReasonCode.BASE_REVISION in found.decision.reason_codes


def test_what_would_keep_others_from_signing_is_said_apart(world: World) -> None:
    found = world.service.would_propose(ALICE, {"feature": True}, TERMS)
    assert found.decision.outcome is Outcome.ALLOWED
    assert [one.code for one in found.to_sign] == [ReasonCode.NOT_VERIFIED]
    world.evidence.put(VerdictWord.KILLED, Verification.PASSED)
    assert world.service.would_propose(ALICE, {"feature": True}, TERMS).to_sign == ()


def test_a_live_roll_back_does_not_latch_by_being_rehearsed(world: World) -> None:
    world.evidence.put(VerdictWord.ROLL_BACK, Verification.NOT_ENOUGH)
    found = world.service.would_propose(ALICE, {"feature": True}, TERMS)
    assert ReasonCode.ROLLED_BACK in [one.code for one in found.to_sign]
    with world.store.read() as tx:
        assert not tx.settings.get("roll_back_latched")


def test_approval_and_application_are_rehearsed_too(world: World) -> None:
    world.evidence.put(VerdictWord.KILLED, Verification.PASSED)
    number = world.service.propose(ALICE, {"feature": True}, TERMS).request
    assert number is not None
    own = world.service.would_approve(ALICE, number).decision
    assert ReasonCode.OWN_APPROVAL in own.reason_codes
    assert world.service.would_approve(BOB, number).decision.outcome is Outcome.ALLOWED
    unsigned = world.service.would_apply(ALICE, number).decision
    assert unsigned.reason_codes == (ReasonCode.APPROVAL_MISSING,)
    world.service.approve(BOB, number)
    assert world.service.would_apply(ALICE, number).decision.outcome is Outcome.ALLOWED
    assert world.newest == document(effectiveAt=world.newest["effectiveAt"])


def test_what_came_into_force_by_another_request_is_void_although_it_widens_nothing(world: World) -> None:
    world.evidence.put(VerdictWord.KILLED, Verification.PASSED)
    number = world.service.propose(ALICE, {"feature": True}, TERMS).request
    assert number is not None
    world.carry({"feature": True})
    for found in (world.service.would_approve(BOB, number), world.service.would_apply(ALICE, number)):
        assert found.decision.outcome is Outcome.BLOCKED
        assert ReasonCode.BASE_REVISION in found.decision.reason_codes
        assert "void because the controls moved to revision" in found.decision.findings[0].words
    with pytest.raises(RequestConflict, match="is void because"):
        world.service.apply(ALICE, number)


def test_what_cannot_be_asked_raises_as_asking_it_does(world: World) -> None:
    with pytest.raises(InvalidChange):
        world.service.would_propose(ALICE, {"percent": 101}, TERMS)
    with pytest.raises(UnknownEntry):
        world.service.would_approve(BOB, 7)
    with pytest.raises(UnknownEntry):
        world.service.would_apply(BOB, 7)


def test_acknowledging_is_rehearsed(world: World) -> None:
    found = world.service.would_acknowledge(ALICE, "known")
    assert ReasonCode.NO_CHANGE in found.decision.reason_codes


def test_break_glass_is_rehearsed_and_releases_nothing(world: World) -> None:
    found = world.service.would_break_glass(ALICE, TERMS)
    assert ReasonCode.BREAK_GLASS in found.decision.reason_codes  # the first release takes two people
    assert found.decision == world.service.break_glass(ALICE, TERMS).decision
    assert world.newest["kill"]
