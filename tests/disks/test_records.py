"""The disk of the control file alone is in trouble: the store is well, history and publication are not.

The store is in memory here, so what fails is the append to the history and the replacement of the file.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gates.errors import GateError
from gates.kill import stop
from gates.store.audit.verify import Intact, verify
from tests.disks.troubles import Disk, Trouble, Way, on_disk
from tests.gates.changes.world import ALICE, BOB, CAROL, TERMS, World

# Rights bind a user, and what changes here is one process: the read-only disk is the mounted one alone.
HERE = [(Way.MOUNTED, Trouble.FULL), (Way.LIMITED, Trouble.FULL), (Way.MOUNTED, Trouble.READ_ONLY)]


def widen(world: World) -> str:
    return world.service.apply(ALICE, 5).words


def narrow(world: World) -> str:
    return world.service.narrow(CAROL, {"percent": 0}).words


def kill(world: World) -> str:
    return stop(world.home, world.clock, world.publisher).read_back


@dataclass(frozen=True)
class Told:
    """What was said, and what was in force, in trouble and after the next start, with what that found."""

    words: str
    live: bool
    percent: int | None
    codes: tuple[str, ...]
    live_after: bool
    percent_after: int | None


def told(way: Way, trouble: Trouble, deed: Callable[[World], str]) -> Told:
    def work(disk: Disk) -> Told:
        world = World(disk.folder)
        world.to_canary_1()
        world.expand()
        assert world.service.propose(ALICE, {"percent": 5}, TERMS).request == 5
        world.service.approve(BOB, 5)
        disk.begin()
        try:
            words = deed(world)
        except GateError as error:
            words = str(error)
        live, percent = world.is_live(), world.controls.percent
        disk.end()
        findings = world.service.reconcile()
        live_after, percent_after = world.is_live(), world.controls.percent
        assert world.publisher.in_force().document == world.newest
        times = [json.loads(line)["at"] for line in world.home.history.read_text().splitlines()]
        assert times == sorted(times)
        with world.store.read() as tx:
            assert isinstance(verify(tx.audit.iterate()), Intact)
        assert stop(world.home, world.clock, world.publisher).killed
        assert not world.is_live()
        codes = tuple(finding.code for finding in findings)
        return Told(words, live, percent, codes, live_after, percent_after)

    return on_disk(way, trouble, work)


@pytest.mark.parametrize(("way", "trouble"), HERE, ids=[f"{way}-{trouble}" for way, trouble in HERE])
class TestHistoryAndPublication:
    def test_a_widening_does_not_happen(self, way: Way, trouble: Trouble) -> None:
        found = told(way, trouble, widen)
        assert found.live
        assert found.percent == 1
        assert (found.live_after, found.percent_after) == (True, 1)
        assert "UNREVIEWED_CONTROLS" not in found.codes
        assert "cannot publish revision 6" in found.words or "nothing can be changed" in found.words

    def test_a_narrowing_takes_everything_or_says_that_it_took_nothing(
        self, way: Way, trouble: Trouble
    ) -> None:
        found = told(way, trouble, narrow)
        is_full = trouble is Trouble.FULL
        assert found.words.startswith("STOPPED instead" if is_full else "NOT narrowed")
        assert found.live is not is_full
        assert found.live_after is not is_full
        assert found.codes == (("CONTROLS_REMOVED",) if is_full else ())

    def test_a_kill_takes_the_file_away_or_says_that_it_stopped_nothing(
        self, way: Way, trouble: Trouble
    ) -> None:
        found = told(way, trouble, kill)
        is_full = trouble is Trouble.FULL
        assert ("missing" if is_full else "NOT STOPPED: revision 5") in found.words
        assert found.live is not is_full
        assert found.live_after is not is_full
