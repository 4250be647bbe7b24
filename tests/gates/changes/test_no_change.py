"""A change that changes nothing is told so, and makes no revision; stopping what is stopped succeeds."""

from pathlib import Path
from typing import Any

import pytest

from gates.policy.intent import Actor, Mode
from gates.policy.outcome import Outcome
from tests.gates.changes.test_lifecycle import codes
from tests.gates.changes.world import ALICE, CAROL, TERMS, World, allowlist, rule

STANDS: dict[str, dict[str, Any]] = {
    "percent": {"percent": 1},
    "feature": {"feature": True},
    "kill": {"kill": False},
    "rollout zero": {"rolloutZero": "nobody"},
    "validity": {"validUntil": None},
    "allowlist": {"allowlist": allowlist()},
    "allowlist with a rule that is off": {"allowlist": allowlist(rule(), rule(id="off", enabled=False))},
    "all of it": {"percent": 1, "feature": True, "kill": False},
}


def refused(world: World, actor: Actor, patch: dict[str, Any]) -> None:
    before, file = world.newest, world.home.control_file.read_bytes()
    answer = world.service.propose(actor, patch, TERMS)
    assert (answer.decision.outcome, codes(answer)) == (Outcome.BLOCKED, {"E_NO_CHANGE"})
    assert (answer.exit_code, answer.request, answer.revision) == (1, None, None)
    assert answer.decision.next_step
    assert world.actions()[-1] == "propose"
    assert (world.newest, world.home.control_file.read_bytes()) == (before, file)
    assert len(world.service.revisions()) == before["revision"]


@pytest.mark.parametrize("actor", [ALICE, CAROL], ids=lambda actor: actor.actor_id)
@pytest.mark.parametrize("patch", STANDS.values(), ids=STANDS)
def test_what_stands_already(world: World, patch: dict[str, Any], actor: Actor) -> None:
    world.to_canary_1()
    refused(world, actor, patch)


@pytest.mark.parametrize("mode", Mode)
def test_in_every_mode(tmp_path: Path, mode: Mode) -> None:
    refused(World(tmp_path, mode), ALICE, {"kill": True})


def test_rules_edited_while_the_allowlist_is_off(world: World) -> None:
    refused(world, ALICE, {"allowlist": allowlist(enabled=False)})


def test_under_break_glass(world: World) -> None:
    world.to_canary_1()
    world.service.kill(CAROL)
    world.service.reconcile()
    world.service.break_glass(CAROL, TERMS)
    refused(world, ALICE, {"percent": 1})


@pytest.mark.parametrize("mode", Mode)
def test_break_glass_while_nothing_is_killed(tmp_path: Path, mode: Mode) -> None:
    """It would bring a kill in an hour, and owe a review, for nothing."""
    world = World(tmp_path, mode)
    world.to_canary_1()
    before = world.newest
    answer = world.service.break_glass(CAROL, TERMS)
    assert (answer.decision.outcome, answer.revision) == (Outcome.BLOCKED, None)
    assert "E_NO_CHANGE" in codes(answer)
    assert world.newest == before
    assert world.service.owed() == ()


def test_what_stands_beside_what_narrows(world: World) -> None:
    world.to_canary_1()
    answer = world.service.propose(CAROL, {"feature": True, "kill": True}, TERMS)
    assert answer.decision.outcome is Outcome.ALLOWED
    assert world.newest["kill"] is True


def test_narrowing_by_a_machine_stays_idempotent(world: World) -> None:
    world.to_canary_1()
    for _ in range(2):
        assert world.service.narrow(CAROL, {"feature": False}).exit_code == 0
        assert len(world.service.revisions()) == 6


def test_a_second_kill_succeeds(world: World) -> None:
    world.to_canary_1()
    for _ in range(3):
        assert world.service.kill(CAROL).stopped.killed
        world.service.reconcile()
    assert len(world.service.revisions()) == 6
    refused(world, CAROL, {"kill": True})
