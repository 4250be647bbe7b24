"""What hangs on a request: its file, comments, signatures that would not count, content that was seen."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from gates.changes.commenting import LONGEST
from gates.changes.content import Terms
from gates.errors import InvalidChange, NotSignedIn, RequestConflict, UnknownEntry
from gates.policy.intent import Actor, Mode
from gates.store.audit.chain import leaf_of
from gates.store.rows import RequestState
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, ERIN, HOUR, TERMS, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = World(tmp_path)
    found.verified()
    return found


def proposed(world: World, terms: Terms = TERMS) -> int:
    number = world.service.propose(ALICE, {"feature": True}, terms).request
    assert number is not None
    return number


def actions(world: World, number: int) -> list[str]:
    records = world.service.request_file(number).records
    return [json.loads(record.body)["action"] for record in records]


class TestFiles:
    def test_of_an_applied_request_hold_everything(self, world: World) -> None:
        number = proposed(world)
        world.clock.now += HOUR
        world.service.comment(DAVE, number, "is the rota staffed?")
        world.service.approve(BOB, number)
        world.service.apply(ALICE, number)
        found = world.service.request_file(number)
        assert found.row.state is RequestState.APPLIED
        assert [one.approver_id for one in found.approvals] == [BOB.actor_id]
        assert [one.text for one in found.comments] == ["is the rota staffed?"]
        assert found.evidence is not None
        assert f"sha256:{sha256(found.evidence).hexdigest()}" == found.row.evidence_digest
        assert {look.moment.value for look in found.looks} == {"propose", "approve", "apply"}
        assert found.base is not None
        assert (found.base.revision, found.newest.revision) == (1, 2)
        assert [row.revision for row in found.brought] == [2]
        assert actions(world, number) == ["propose", "comment", "approve", "apply", "in force"]
        assert all(leaf_of(record.body) == record.leaf for record in found.records)
        assert found.chain_size == world.service.audit_size()
        assert found.expires_ns == found.row.created_at_ns + 24 * HOUR

    def test_hold_their_own_records_alone(self, world: World) -> None:
        first = proposed(world, replace(TERMS, reason='"request_id":"2" is what I want to be'))
        second = proposed(world)
        world.service.reject(BOB, first, "no")
        assert actions(world, first) == ["propose", "reject"]
        assert actions(world, second) == ["propose"]
        assert [row.number for row in world.service.requests()] == [first, second]

    def test_are_found_when_the_clock_was_set_back_meanwhile(self, world: World) -> None:
        number = proposed(world)
        world.clock.now -= 30 * 24 * HOUR
        for _ in range(5):
            world.service.comment(BOB, number, "early")
        assert actions(world, number) == ["propose", *["comment"] * 5]

    def test_nobody_asked_for_are_unknown(self, world: World) -> None:
        with pytest.raises(UnknownEntry, match="no request 9"):
            world.service.request_file(9)


class TestComments:
    def test_anybody_with_a_role_and_on_record(self, world: World) -> None:
        number = proposed(world)
        for person in (ALICE, BOB, CAROL, DAVE):
            world.service.comment(person, number, "hm")
        assert actions(world, number)[1:] == ["comment"] * 4
        with pytest.raises(NotSignedIn, match="takes a role"):
            world.service.comment(Actor("local|zoe", frozenset()), number, "hm")
        assert actions(world, number)[-1] == "comment refused"
        assert len(world.service.request_file(number).comments) == 4

    def test_move_nothing(self, world: World) -> None:
        number = proposed(world)
        before = world.service.request(number)
        world.service.comment(BOB, number, "approved, as far as I care")
        assert world.service.request(number) == before

    @pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)], ids=["none", "blank", "too long"])
    def test_say_something_in_bounds(self, world: World, text: str) -> None:
        number = proposed(world)
        with pytest.raises(InvalidChange):
            world.service.comment(BOB, number, text)
        with pytest.raises(UnknownEntry):
            world.service.comment(BOB, 9, "hello")


class TestWhatWasSeen:
    @pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.ENFORCE])
    def test_is_what_is_applied(self, tmp_path: Path, mode: Mode) -> None:
        world = World(tmp_path, mode)
        world.verified()
        number = proposed(world)
        world.service.approve(BOB, number)
        seen = world.service.request(number).content_digest
        world.service.edit(ALICE, number, {"feature": True}, replace(TERMS, reason="another one"), seen)
        with pytest.raises(RequestConflict, match="edited meanwhile"):
            world.service.apply(ALICE, number, seen)
        assert world.newest["revision"] == 1

    def test_is_applied_also_of_other_kinds(self, world: World) -> None:
        number = world.service.change_mode(ERIN, Mode.SHADOW, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        with pytest.raises(RequestConflict, match="edited meanwhile"):
            world.service.apply(ALICE, number, "sha256:other")
        assert world.service.apply(ALICE, number, world.service.request(number).content_digest).exit_code == 0
        assert world.service.mode() is Mode.SHADOW


def test_who_was_just_brought_in_is_told_that_their_signature_would_not_count(world: World) -> None:
    number = proposed(world)
    assert world.service.would_not_count(BOB, number) is None
    with world.store.begin() as tx:
        tx.operators.add("local|frank", BOB.roles, by=ALICE.actor_id, at_ns=world.clock())
    frank = Actor("local|frank", BOB.roles)
    assert "within 24 h" in str(world.service.would_not_count(frank, number))
    world.clock.now += 25 * HOUR
    assert world.service.would_not_count(frank, number) is None
