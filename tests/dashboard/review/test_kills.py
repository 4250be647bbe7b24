"""A drill believes the confirmation of the kill in force, and of no earlier one."""

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.review.kills import confirmation
from dashboard.telemetry.memory import HeldTelemetry
from gates.verdict.evidence import KillFacts, KillState
from tests.gates.changes.world import ALICE, SECOND, TERMS, World
from tests.gates.verdict.builders import evidence, kill


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    return world


def killed(world: World) -> KillFacts:
    """The kill, engaged now by the next revision, and confirmed."""
    world.clock.now += SECOND
    assert world.service.propose(ALICE, {"kill": True}, TERMS).revision is not None
    return replace(
        kill(),
        revision=world.newest["revision"],
        engaged_ns=world.clock.now,
        released_ns=None,
        stubbed_since=3,
        openai_since=0,
    )


def state(world: World, facts: KillFacts | None) -> KillState:
    held = HeldTelemetry(replace(evidence(), kill=facts))
    return confirmation(world.service, held, world.clock).state


def test_the_kill_in_force_is_confirmed(world: World) -> None:
    assert state(world, killed(world)) is KillState.CONFIRMED
    assert state(world, None) is KillState.ENGAGED


def test_a_kill_that_telemetry_never_sees_is_unconfirmed_in_the_end(world: World) -> None:
    facts = killed(world)
    world.clock.now = facts.engaged_ns + int(world.service.thresholds().kill_confirm_s * SECOND) - SECOND
    assert state(world, None) is KillState.ENGAGED
    world.clock.now += 2 * SECOND
    assert state(world, None) is KillState.UNCONFIRMED
    assert state(world, replace(facts, engaged_ns=facts.engaged_ns - 1000 * SECOND)) is KillState.UNCONFIRMED


def test_another_revision_under_the_same_kill_takes_nothing_back(world: World) -> None:
    facts = killed(world)
    world.clock.now += SECOND
    world.service.propose(ALICE, {"feature": False}, TERMS)
    assert world.newest["revision"] > facts.revision
    assert state(world, facts) is KillState.CONFIRMED


def test_a_kill_by_removal_has_the_number_of_what_it_took_away(world: World) -> None:
    facts = killed(world)
    assert state(world, replace(facts, revision=facts.revision - 1)) is KillState.CONFIRMED


def test_an_earlier_kill_confirms_nothing(world: World) -> None:
    before = killed(world)
    world.verified()
    world.clock.now += SECOND
    world.carry({"kill": False})
    now = killed(world)
    assert state(world, before) is KillState.ENGAGED
    assert state(world, replace(before, released_ns=now.engaged_ns - 1)) is KillState.ENGAGED
    assert state(world, now) is KillState.CONFIRMED
