"""Homes in the middle of a change, and what must hold after a SIGKILL at any point of it."""

import atexit
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gates.store.audit.verify import Intact, verify
from gates.store.store import Store
from tests.gates.changes.crashes import FINISHED, KILLED, killed_at
from tests.gates.changes.world import ALICE, BOB, CAROL, TERMS, World
from tests.gates.controls.files import full_disk


class FileWorld(World):
    """The home of `folder`, reopened."""

    def __init__(self, folder: Path) -> None:
        path = folder / "home" / "gate.db"
        super().__init__(folder, store=Store.open(path) if path.exists() else Store.create(path))

    def _found(self, mode: Any) -> None:
        if self.publisher.in_force().key is None:
            with self.store.read() as tx:
                if tx.revisions.newest() is not None:
                    return
            super()._found(mode)


@dataclass(frozen=True)
class Scenario:
    """`prepare` brings the home from canary-1 to where `work` begins. `widens`: `work` may leave it live."""

    prepare: Callable[[FileWorld], None]
    work: Callable[[FileWorld], object]
    widens: bool


def as_it_is(world: FileWorld) -> None:
    """At canary-1."""


def approved_5(world: FileWorld) -> None:
    number = world.service.propose(ALICE, {"percent": 5}, TERMS).request
    assert number is not None
    world.service.approve(BOB, number)


def approved_release(world: FileWorld) -> None:
    world.service.kill(CAROL)
    world.service.reconcile()
    world.verified()
    number = world.service.unkill(ALICE, TERMS).request
    assert number is not None
    world.service.approve(BOB, number)


def killed(world: FileWorld) -> None:
    world.service.kill(CAROL)
    world.service.reconcile()


def last_request(world: FileWorld) -> int:
    return world.service.open_requests()[-1].number


def kill_on_a_full_disk(world: FileWorld) -> None:
    with full_disk(0):
        world.service.kill(CAROL)


SCENARIOS = {
    "apply": Scenario(approved_5, lambda world: world.service.apply(ALICE, last_request(world)), True),
    "unkill": Scenario(approved_release, lambda world: world.service.apply(ALICE, last_request(world)), True),
    "break glass": Scenario(killed, lambda world: world.service.break_glass(ALICE, TERMS), True),
    "kill": Scenario(as_it_is, lambda world: world.service.kill(CAROL), False),
    "kill on a full disk": Scenario(as_it_is, kill_on_a_full_disk, False),
    "narrow": Scenario(approved_5, lambda world: world.service.narrow(CAROL, {"percent": 0}), False),
    "kill of a change under way": Scenario(
        approved_5,
        lambda world: (world.service.apply(ALICE, last_request(world)), world.service.kill(CAROL)),
        False,
    ),
}


def _in_memory() -> TemporaryDirectory[str]:
    """Where there is some: what is tested is the order of the steps, not the disk."""
    memory = Path("/dev/shm")
    return TemporaryDirectory(dir=memory if memory.is_dir() else None)


@cache
def _canary() -> tuple[TemporaryDirectory[str], int]:
    """A home at canary-1, which all scenarios begin with, and what its clock says."""
    folder = _in_memory()
    atexit.register(folder.cleanup)
    world = FileWorld(Path(folder.name))
    world.to_canary_1()
    return folder, world.clock.now


def points(name: str, start: int, stride: int) -> int:
    """Kill the work at every `stride`-th step from `start` on, and check the next start; how many."""
    scenario = SCENARIOS[name]
    with _in_memory() as name_of_folder:
        folder = Path(name_of_folder)
        canary, now = _canary()
        shutil.copytree(canary.name, folder / "template")
        world = at(folder / "template", now)
        scenario.prepare(world)
        now, was_live = world.clock.now, world.is_live()
        for point in count(start, stride):
            copy = folder / str(point)
            shutil.copytree(folder / "template", copy)
            ended = killed_at(point, partial(_do, scenario, copy, now))
            assert ended in (KILLED, FINISHED), point
            check(at(copy, now), was_live, scenario.widens, point)
            shutil.rmtree(copy)
            if ended == FINISHED:
                return (point - start) // stride
    raise AssertionError


def _do(scenario: Scenario, folder: Path, now: int) -> None:
    scenario.work(at(folder, now))


def at(folder: Path, now: int) -> FileWorld:
    world = FileWorld(folder)
    world.clock.now = now
    world.expand()
    return world


def check(world: FileWorld, was_live: bool, widens: bool, point: int) -> None:
    world.clock.now += 1_000_000
    live_at_crash = world.is_live()
    assert widens or was_live or not live_at_crash, point
    world.service.reconcile()
    in_force = world.publisher.in_force().document
    assert in_force == world.newest, point
    assert live_at_crash or not world.is_live(), f"{point}: a start must not open what was closed"
    assert world.service.reconcile() == (), point
    assert world.service.unreviewed() is None
    with world.store.read() as tx:
        assert isinstance(verify(tx.audit.iterate()), Intact)
    assert world.service.kill(CAROL, "after the crash").stopped.killed
    assert not world.is_live()
    world.service.reconcile()
    assert world.publisher.in_force().document == world.newest
