"""`revert` undoes the last change: at once where that narrows, else the first legal step of the way back."""

from pathlib import Path

import pytest

from gates.errors import InvalidChange
from gates.policy.outcome import Outcome
from tests.gates.changes.world import ALICE, CAROL, TERMS, World, allowlist, rule


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.to_canary_1()
    world.expand()
    return world


def test_a_widening_is_undone_at_once(world: World) -> None:
    world.carry({"percent": 5})
    assert world.service.revert(CAROL, TERMS).revision is not None
    assert world.newest["percent"] == 1


def test_one_dimension_is_asked_for_as_it_is(world: World) -> None:
    world.carry({"percent": 5})
    world.service.narrow(CAROL, {"percent": 1})
    answer = world.service.revert(ALICE, TERMS)
    assert answer.request is not None
    assert world.service.request(answer.request).content["patch"] == {"percent": 5}
    assert "steps back" not in answer.words


def test_of_several_dimensions_the_first_legal_one_is_asked_for(world: World) -> None:
    world.carry({"percent": 5})
    world.service.narrow(CAROL, {"percent": 1, "kill": True})
    answer = world.service.revert(ALICE, TERMS)
    assert answer.decision.outcome is Outcome.ALLOWED
    assert answer.request is not None
    assert world.service.request(answer.request).content["patch"] == {"kill": False}
    assert "after it propose, in this order: percent 1 → 5" in answer.words
    assert "not `revert`" in answer.words


def test_percent_comes_before_a_scope_that_is_frozen(world: World) -> None:
    for percent in (5, 10, 25, 50):
        world.carry({"percent": percent})
    world.carry({"allowlist": allowlist(rule(subject=["Biology", "Physics"]))})
    world.service.narrow(CAROL, {"percent": 25, "allowlist": allowlist()})
    answer = world.service.revert(ALICE, TERMS)
    assert answer.request is not None
    assert world.service.request(answer.request).content["patch"] == {"percent": 50}
    assert "subject + `Physics`" in answer.words


def test_two_dimensions_of_the_scope_come_back_one_by_one(world: World) -> None:
    for percent in (5, 10, 25, 50):
        world.carry({"percent": percent})
    world.carry({"allowlist": allowlist(rule(subject=["Biology", "Physics"]))})
    world.carry({"allowlist": allowlist(rule(subject=["Biology", "Physics"], board=["AQA", "OCR"]))})
    world.service.narrow(CAROL, {"allowlist": allowlist()})
    answer = world.service.revert(ALICE, TERMS)
    assert answer.decision.outcome is Outcome.ALLOWED
    assert [delta.dimension for delta in answer.decision.deltas if delta.dimension != "step"] == ["subject"]
    assert "board + `OCR`" in answer.words


def test_before_the_first_change_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidChange, match="no change to undo"):
        World(tmp_path).service.revert(ALICE, TERMS)
