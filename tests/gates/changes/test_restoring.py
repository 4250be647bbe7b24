"""A home that was just restored is stopped under a new revision, whatever its copies caught half done."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gates.changes.restoring import ACTION
from gates.changes.service import ChangeService
from gates.controls.history import History
from gates.errors import StoreMissing
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.gates.changes.world import ALICE, BOB, TERMS, World

SHELL = Actor("os|root", frozenset({Role.ONCALL}))
BACKUP = {"backup": "nightly", "madeAt": "2026-11-21T02:00:00Z"}


def restore(world: World) -> int:
    return world.service.stop_restored(SHELL, BACKUP, "the disk died")


def test_a_live_home_is_stopped_and_its_step_kept(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    before = world.newest
    revision = restore(world)
    assert not world.is_live()
    assert world.newest == {
        **before,
        "kill": True,
        "revision": revision,
        "effectiveAt": world.newest["effectiveAt"],
    }
    assert world.service.unreviewed() is None


def test_it_is_on_record_with_the_backup_and_the_person(tmp_path: Path) -> None:
    world = World(tmp_path)
    revision = restore(world)
    with world.store.read() as tx:
        tail = tx.audit.tail()
    assert tail is not None
    said = json.loads(tail.body)
    assert (said["actor"], said["action"], said["reason"]) == ("os|root", ACTION, "the disk died")
    assert said["after"] == {"revision": revision, **BACKUP}


def test_a_home_that_was_stopped_gets_a_revision_all_the_same(tmp_path: Path) -> None:
    world = World(tmp_path)
    before = world.newest
    assert before["kill"]
    assert restore(world) == before["revision"] + 1
    assert world.newest["kill"]


def test_an_approval_of_before_is_worth_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    world.expand()
    request = world.service.propose(ALICE, {"percent": 5}, TERMS).request
    assert request is not None
    world.service.approve(BOB, request)
    restore(world)
    refused = world.service.apply(ALICE, request)
    assert (refused.exit_code, refused.revision) == (5, None), refused
    assert not world.is_live()


def older(world: World, folder: Path, what: str) -> World:
    """`world` as copies find it while somebody acts: `what` is of before, the rest of after."""
    shutil.copytree(world.home.root / "controls", folder / "before")
    match what:
        case "file":
            world.carry({"percent": 5})
            shutil.copy(folder / "before" / "control.json", world.home.control_file)
        case "history":
            world.service.propose(ALICE, {"percent": 0}, TERMS)
            shutil.copy(folder / "before" / "history.jsonl", world.home.history)
        case "no file":
            world.home.control_file.unlink()
        case "foreign file":
            document: dict[str, Any] = json.loads(world.home.control_file.read_bytes())
            world.home.control_file.write_text(json.dumps({**document, "percent": 100, "revision": 40}))
        case _:
            raise AssertionError(what)
    return world


@pytest.mark.parametrize("what", ["file", "history", "no file", "foreign file"])
def test_copies_of_different_moments_end_stopped_too(what: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    world.expand()
    older(world, tmp_path, what)
    revision = restore(world)
    assert world.newest["kill"]
    assert world.newest["revision"] == revision
    assert world.publisher.in_force().document == world.newest
    assert world.newest["percent"] <= 5
    assert world.service.unreviewed() is None


def test_a_number_that_the_history_knows_is_not_given_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.to_canary_1()
    controls = {**world.newest, "revision": world.newest["revision"] + 3}
    lines = History(world.home.history)
    for event in ("publishing", "effective"):
        lines.append(event, world.clock(), controls["revision"], controls)
    assert restore(world) == controls["revision"] + 1


def test_a_store_without_a_revision_is_no_home(tmp_path: Path) -> None:
    world = World(tmp_path)
    unfinished = ChangeService(replace(world.desk, store=Store.in_memory()))
    with pytest.raises(StoreMissing, match="never finished"):
        unfinished.stop_restored(SHELL, BACKUP, "the disk died")
