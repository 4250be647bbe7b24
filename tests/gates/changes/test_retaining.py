"""How long raw lines are kept: by an admin, on record; keeping less waits a day."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.changes.retaining import DELAY_NS, FEWEST_DAYS, MOST_DAYS, SETTING, Kept, Retention
from gates.errors import InvalidChange, NotSignedIn, StoreCorrupt
from gates.policy.evidence import Verification
from gates.policy.intent import Actor, Role
from gates.verdict.words import VerdictWord
from tests.gates.changes.world import ALICE, BOB, TERMS, World

ADMIN = Actor("local|root", frozenset({Role.ADMIN}))
SET = 10**18
kept = st.builds(Kept, st.integers(FEWEST_DAYS, MOST_DAYS), st.booleans())


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    return world


def test_thirty_days_where_nobody_said_otherwise(world: World) -> None:
    found = world.service.retention()
    assert (found.version, found.in_force(world.clock())) == (0, Kept(days=30, archive=False))


@given(kept, kept, st.integers(0, 2 * DELAY_NS))
def test_keeping_less_waits_a_day_and_keeping_more_does_not(wanted: Kept, before: Kept, later: int) -> None:
    found = Retention(version=1, wanted=wanted, before=before, at_ns=SET).in_force(SET + later)
    if later >= DELAY_NS:
        assert found == wanted
    else:
        assert found.days == max(wanted.days, before.days)
        assert found.archive == (wanted.archive or before.archive)


def test_an_admin_sets_it_and_the_chain_has_it(world: World) -> None:
    found = world.service.set_retention(ADMIN, "the disk is small", days=10)
    assert world.service.retention() == found
    assert (found.version, found.before, found.actor_id) == (1, Kept(days=30), "local|root")
    assert world.actions()[-1] == "retention"
    again = world.service.set_retention(ADMIN, "smaller", days=8)
    assert (again.version, again.before) == (2, Kept(days=30)), "the first is not in force yet"


def test_nobody_else_may_and_the_attempt_is_on_record(world: World) -> None:
    with pytest.raises(NotSignedIn, match="takes the role admin"):
        world.service.set_retention(BOB, "why not", days=10)
    assert world.service.retention().version == 0
    assert world.actions()[-1] == "retention refused"


@pytest.mark.parametrize("days", [-1, 0, FEWEST_DAYS - 1, MOST_DAYS + 1])
def test_days_that_cannot_be_kept(world: World, days: int) -> None:
    with pytest.raises(InvalidChange, match="name 7 to 36,500"):
        world.service.set_retention(ADMIN, "why", days=days)


def test_a_reason_is_asked_for(world: World) -> None:
    with pytest.raises(InvalidChange, match="say why"):
        world.service.set_retention(ADMIN, " ", days=10)


def test_a_setting_says_what_it_sets(world: World) -> None:
    with pytest.raises(InvalidChange, match="--days or --archive"):
        world.service.set_retention(ADMIN, "why")
    assert world.service.retention().version == 0


FEW = '{"version":1,"by":"a","at":1,"wanted":{"days":0,"archive":false},"before":{"days":9,"archive":true}}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', FEW])
def test_what_cannot_be_read_deletes_nothing(world: World, text: str) -> None:
    with world.store.begin() as tx:
        tx.settings.set(SETTING, text)
    with pytest.raises(StoreCorrupt, match="none is deleted"):
        world.service.retention()
    again = world.service.set_retention(ADMIN, "it was broken", days=10)
    assert again.in_force(again.at_ns).days == MOST_DAYS, "nobody knows what it was"
    assert again.in_force(again.at_ns + DELAY_NS).days == 10
    assert world.service.retention() == again


def test_what_is_in_force_is_looked_at(world: World) -> None:
    assert [one.revision for one in world.service.looked_at()] == [world.newest["revision"]]


def test_an_open_request_a_roll_back_and_what_is_in_force_are_looked_at(world: World) -> None:
    world.expand()
    number = world.service.propose(ALICE, {"percent": 5}, TERMS).request
    world.evidence.put(VerdictWord.ROLL_BACK, Verification.PASSED)
    world.service.note_verdict("local|page", world.evidence.evidence(world.service.question()))
    in_force = world.newest["revision"]
    assert [(one.why, one.revision) for one in world.service.looked_at()] == [
        (f"revision {in_force} is in force", in_force),
        (f"request {number} is open", in_force),
        ("a ROLL BACK waits for `slotgate ack`", in_force),
    ]
