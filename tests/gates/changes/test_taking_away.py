"""What takes away waits for no telemetry: nobody looks at it first. What gives more is looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gates.changes.answers import Answer
from gates.policy.intent import Mode
from tests.gates.changes.world import ALICE, BOB, CAROL, TERMS, World

TAKEN_AWAY: dict[str, Callable[[World], Answer]] = {
    "proposed": lambda world: world.service.propose(ALICE, {"feature": False}, TERMS),
    "proposed to be narrowed": lambda world: world.service.propose_narrowing(
        ALICE, {"feature": False}, TERMS
    ),
    "narrowed": lambda world: world.service.narrow(CAROL, {"feature": False}),
}


@pytest.mark.parametrize("mode", Mode)
def test_nobody_looks(tmp_path: Path, mode: Mode) -> None:
    for name, take_away in TAKEN_AWAY.items():
        world = World(tmp_path / name, mode)
        world.to_canary_1()
        world.evidence.asked = None
        assert take_away(world).revision is not None, name
        assert not world.is_live(), name
        assert world.evidence.asked is None, name


def test_nobody_looks_where_nothing_is_taken_away_or_the_mode_is_stricter(tmp_path: Path) -> None:
    world = World(tmp_path, Mode.SHADOW)
    world.to_canary_1()
    world.evidence.asked = None
    assert not world.service.propose(ALICE, {"percent": 1}, TERMS).decision.allow
    assert world.service.change_mode(BOB, Mode.ENFORCE, TERMS).mode is not None
    assert world.evidence.asked is None


@pytest.mark.parametrize("mode", Mode)
def test_more_is_looked_at(tmp_path: Path, mode: Mode) -> None:
    world = World(tmp_path, mode)
    world.to_canary_1()
    world.evidence.asked = None
    world.service.propose(ALICE, {"percent": 5}, TERMS)
    assert world.evidence.asked is not None


def test_the_end_of_a_roll_back_is_looked_at(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    world.evidence.asked = None
    world.service.acknowledge(BOB, "seen")
    assert world.evidence.asked is not None
