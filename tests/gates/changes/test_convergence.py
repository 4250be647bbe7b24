"""What is done about a control file that is not the newest revision: a table, and end to end."""

import json
from pathlib import Path
from typing import Any

import pytest

from gates.changes.convergence import Adopt, Renew, Same, Stop, Undo, next_step
from gates.changes.documents import killed, released
from gates.changes.recording import row_of
from gates.policy.outcome import Outcome
from gates.store.rows import RevisionKind
from tests.gates.changes.world import ALICE, BOB, CAROL, HOUR, START, TERMS, World, allowlist, document

LIVE = document(
    kill=False, feature=True, percent=5, allowlist=allowlist(), step="canary-5", stage=1, revision=5
)
WIDER = {**LIVE, "percent": 10, "step": "expand-10", "stage": 2, "revision": 6}
STOPPED = killed(LIVE, revision=6, at_ns=START)
RESTOPPED = {**STOPPED, "revision": 9}
LESS = {**LIVE, "percent": 1, "step": "canary-1", "revision": 6}
RELEASED = released(STOPPED, until_ns=START + HOUR, revision=7, at_ns=START)
LONGER = {**RELEASED, "breakGlassUntil": "2100-01-01T00:00:00Z", "revision": 8}


def row(before: Any, after: Any, kind: RevisionKind = RevisionKind.WIDENING) -> Any:
    return row_of(after, before, kind, actor_id="a", intent_id="i", at_ns=START)


@pytest.mark.parametrize(
    ("newest", "found", "announced", "kind"),
    [
        (row(LIVE, WIDER), WIDER, (), Same),
        (row(LIVE, WIDER), LIVE, (), Undo),
        (row(WIDER, LIVE, RevisionKind.NARROWING), WIDER, (WIDER,), Stop),
        (row(LIVE, STOPPED, RevisionKind.KILL), LIVE, (LIVE,), Stop),
        (row(None, LIVE), LESS, (LESS,), Adopt),
        (row(None, LIVE), LESS, (), Stop),
        (row(None, LIVE), STOPPED, (STOPPED,), Adopt),
        (row(LIVE, WIDER), STOPPED, (STOPPED,), Adopt),
        (row(None, LIVE), WIDER, (WIDER,), Stop),
        (row(None, LIVE), {**LESS, "environment": "other"}, ({**LESS, "environment": "other"},), Stop),
        (row(None, LIVE), None, (), Stop),
        (row(LIVE, STOPPED, RevisionKind.KILL), None, (), Renew),
        (row(WIDER, {**LIVE, "revision": 9}, RevisionKind.LATE), LIVE, (), Renew),
        (
            row(LIVE, {**STOPPED, "revision": 9}, RevisionKind.KILL),
            STOPPED,
            ({**STOPPED, "revision": 9},),
            Renew,
        ),
        (row(WIDER, {**LIVE, "revision": 9}, RevisionKind.LATE), {**LIVE, "revision": 10}, (), Stop),
        (row(STOPPED, RELEASED), LONGER, (LONGER,), Stop),
        (row(STOPPED, RELEASED), RELEASED, (), Same),
    ],
    ids=str,
)
def test_what_to_do(newest: Any, found: Any, announced: tuple[Any, ...], kind: type) -> None:
    step = next_step(newest, newest.after, found, announced, START + 1)
    assert type(step) is kind
    if isinstance(step, Stop):
        assert step.document["kill"] is True
        assert step.document["percent"] == newest.after["percent"]
    if not isinstance(step, Same | Renew):
        assert step.document["revision"] > newest.revision


def test_a_release_that_ended_becomes_a_kill() -> None:
    step = next_step(row(STOPPED, RELEASED), RELEASED, RELEASED, (), START + HOUR)
    assert isinstance(step, Stop)
    assert step.code == "RELEASE_ENDED"


class TestForeignHands:
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        world = World(tmp_path)
        world.to_canary_1()
        return world

    @pytest.mark.parametrize(
        "change", [{"percent": 100}, {"percent": 0}, {"environment": "x"}, {"revision": 99}]
    )
    def test_whatever_nobody_reviewed_stops_everything(self, world: World, change: dict[str, Any]) -> None:
        before = world.newest
        world.home.control_file.write_bytes(_json({**before, **change}))
        assert "UNREVIEWED_CONTROLS" in (world.service.unreviewed() or "")
        findings = world.service.reconcile()
        assert [finding.code for finding in findings] == ["UNREVIEWED_CONTROLS"]
        assert not world.is_live()
        assert world.newest == world.publisher.in_force().document
        assert world.newest["percent"] == before["percent"]
        assert "reconcile UNREVIEWED_CONTROLS" in world.actions()
        assert world.service.unreviewed() is None

    def test_before_a_change_is_applied_over_it(self, world: World) -> None:
        world.expand()
        number = world.service.propose(ALICE, {"percent": 5}, TERMS).request
        assert number is not None
        world.service.approve(BOB, number)
        world.home.control_file.write_bytes(_json({**world.newest, "percent": 100}))
        answer = world.service.apply(ALICE, number)
        assert answer.decision.outcome is Outcome.BLOCKED
        assert not world.is_live()

    def test_taken_away_stays_away(self, world: World) -> None:
        world.home.control_file.unlink()
        assert [finding.code for finding in world.service.reconcile()] == ["CONTROLS_REMOVED"]
        assert not world.is_live()
        assert world.newest["kill"] is True

    def test_a_narrowing_over_a_foreign_hand_does_not_launder_it(self, world: World) -> None:
        world.publisher.publish({**world.newest, "percent": 100, "revision": 50})
        world.service.narrow(CAROL, {"percent": 90})
        assert world.newest["percent"] == 1
        world.service.reconcile()
        assert not world.is_live()
        assert world.newest["percent"] == 1


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()
