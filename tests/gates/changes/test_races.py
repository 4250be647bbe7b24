"""A kill in the middle of somebody else's publication: the kill stands, the other is told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.controls.publish import InForce, Published, Publisher
from gates.errors import GateError, HomeError, NotSignedIn, PublishConflict
from gates.kill import stop
from gates.store.rows import RequestState
from gates.store.store import Store
from tests.gates.changes.world import ALICE, BOB, CAROL, DAVE, TERMS, World
from tests.gates.controls.files import full_disk, in_child


class Interrupted:
    """A publisher before whose every widening something else happens: the worst moment for it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.before_widening: Any = lambda: None

    def publish(self, controls: Mapping[str, Any], over: InForce | None = None) -> Published:
        if not controls["kill"]:
            happens, self.before_widening = self.before_widening, lambda: None
            happens()
        return self._publisher.publish(controls, over)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._publisher, name)


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "home" / "gate.db"
    path.parent.mkdir()
    world = World(tmp_path, store=Store.create(path), wrap=Interrupted)
    world.to_canary_1()
    world.expand()
    return world


def approved(world: World) -> int:
    number = world.service.propose(ALICE, {"percent": 5}, TERMS).request
    assert number is not None
    world.service.approve(BOB, number)
    return number


@pytest.mark.parametrize("deed", ["kill", "narrow", "remove", "empty"])
def test_between_the_record_and_the_effect_of_a_widening(world: World, deed: str) -> None:
    number = approved(world)
    deeds = {
        "kill": lambda: world.service.kill(CAROL),
        "narrow": lambda: world.service.narrow(CAROL, {"feature": False}),
        "remove": world.publisher.remove,
        "empty": lambda: os.truncate(world.home.control_file, 0),
    }
    world.desk.publisher.before_widening = deeds[deed]  # type: ignore[attr-defined]
    with pytest.raises(PublishConflict) as told:
        world.service.apply(ALICE, number)
    assert told.value.exit_code == 5
    assert not world.is_live()
    assert world.service.request(number).state is RequestState.VOIDED
    assert world.service.reconcile() == ()
    assert world.newest == world.publisher.in_force().document
    assert world.newest["percent"] == 1


def test_a_kill_on_top_of_a_kill_stops_the_release_under_way(world: World) -> None:
    world.service.kill(CAROL, "first")
    world.verified()
    number = world.service.unkill(ALICE, TERMS).request
    assert number is not None
    world.service.approve(BOB, number)
    world.desk.publisher.before_widening = lambda: stop(world.home)  # type: ignore[attr-defined]
    with pytest.raises(PublishConflict):
        world.service.apply(ALICE, number)
    assert not world.is_live()
    assert world.service.reconcile() == ()


def test_a_publisher_that_lost_the_lock_cannot_finish(world: World) -> None:
    """It passed its last look and sleeps right before the rename: its draft is gone when it wakes."""
    stop(world.home)
    draft = world.home.control_file.with_name(".control.json.0123456789abcdef.tmp")
    for again in range(2):
        draft.write_bytes(b"live controls about to be renamed")
        assert stop(world.home).already, again
        assert not draft.exists()
    draft.write_bytes(b"live controls about to be renamed")
    world.publisher.remove()
    assert not draft.exists()


@pytest.mark.parametrize("free", [0, 200, 4096])
def test_a_widening_on_a_full_disk_does_not_happen(world: World, free: int) -> None:
    number = approved(world)

    def refused() -> bool:
        with full_disk(free), pytest.raises(GateError):
            world.service.apply(ALICE, number)
        return world.publisher.in_force().document is None or world.newest["percent"] == 1

    assert in_child(refused)
    world.service.reconcile()
    in_force = world.publisher.in_force().document
    assert in_force == world.newest
    assert world.newest["percent"] == 1 or world.newest["kill"]


def test_nothing_changes_in_a_home_that_may_not_be_written(world: World) -> None:
    (world.home.root / ".changing").unlink()
    (world.home.root / ".changing").mkdir()
    with pytest.raises(HomeError, match="nothing can be changed"):
        world.service.apply(ALICE, 1)
    assert world.service.kill(CAROL).stopped.killed


def test_a_viewer_may_not_stop(world: World) -> None:
    with pytest.raises(NotSignedIn):
        world.service.kill(DAVE)
    assert world.is_live()
