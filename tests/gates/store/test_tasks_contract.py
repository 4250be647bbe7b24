"""The contract of the tasks, over every store: events, the view kept beside them, results, invariants."""

from dataclasses import replace

import pytest

from gates.errors import AlreadyThere, UnknownEntry
from gates.store.port import StorePort, Transaction
from gates.store.repositories.task_invariants import INVARIANTS
from gates.store.task_rows import Violation
from gates.tasks.events import EventKind, NewEvent
from gates.tasks.view import RunView, TaskState
from tests.gates.store.builders import ALICE, BOB, NOW, artifact, created

LEASE = 60


def event(
    kind: EventKind, run: int = 1, at_ns: int = NOW, task_id: str = "t1", **changes: object
) -> NewEvent:
    lease = LEASE if kind in (EventKind.CLAIMED, EventKind.HEARTBEAT, EventKind.REBASED) else None
    row = NewEvent(task_id=task_id, kind=kind, actor_id=BOB, at_ns=at_ns, run=run, lease_ns=lease)
    return replace(row, **changes)  # type: ignore[arg-type]  # the fields by name


def put(tx: Transaction, *events: NewEvent) -> RunView:
    views = [tx.tasks.append(one) for one in events]
    return views[-1]


class TestEvents:
    def test_come_back_as_they_were_added(self, store: StorePort) -> None:
        claimed = event(EventKind.CLAIMED, outcome="WOULD_BLOCK", reason_codes=("E_A", "E_B"))
        with store.begin() as tx:
            put(tx, created(), created("t2"), claimed)
        with store.read() as tx:
            first, second = tx.tasks.events("t1")
            assert (first.seq, second.seq) == (1, 3)
            assert first.detail == created().detail
            assert (second.outcome, second.reason_codes, second.lease_ns) == (
                "WOULD_BLOCK",
                ("E_A", "E_B"),
                LEASE,
            )
            assert tx.tasks.created("t2") == tx.tasks.events("t2")[0]
            assert tx.tasks.created("t3") is None
            assert tx.tasks.events("t3") == ()
            assert [one.seq for one in tx.tasks.all_events()] == [1, 2, 3]

    def test_a_task_is_created_once(self, store: StorePort) -> None:
        with store.begin() as tx:
            put(tx, created())
        with pytest.raises(AlreadyThere), store.begin() as tx:
            put(tx, created())
        with pytest.raises(UnknownEntry), store.begin() as tx:
            put(tx, event(EventKind.CLAIMED, task_id="t2"))
        with store.read() as tx:
            assert len(tuple(tx.tasks.all_events())) == 1


class TestViews:
    def test_is_what_append_gave_back(self, store: StorePort) -> None:
        with store.begin() as tx:
            given = put(tx, created(), event(EventKind.CLAIMED))
        with store.read() as tx:
            assert tx.tasks.view("t1") == given
            assert tx.tasks.view("t2") is None
        assert (given.state, given.run, given.actor_id) == (TaskState.LEASED, 1, BOB)
        assert (given.renewed_at_ns, given.lease_until_ns) == (NOW, NOW + LEASE)

    def test_pages_in_the_order_of_creation(self, store: StorePort) -> None:
        with store.begin() as tx:
            put(tx, *(created(name) for name in ("z", "a", "m")), event(EventKind.CLAIMED, task_id="a"))
        with store.read() as tx:
            assert [one.task_id for one in tx.tasks.views(most=2)] == ["z", "a"]
            assert [one.task_id for one in tx.tasks.views(after=2, most=2)] == ["m"]
            assert [one.task_id for one in tx.tasks.views(most=9, state=TaskState.QUEUED)] == ["z", "m"]

    def test_due_are_the_queued_the_run_out_and_those_of_a_clock_set_back(self, store: StorePort) -> None:
        with store.begin() as tx:
            put(tx, *(created(name) for name in ("queued", "held", "over", "ended", "ahead")))
            put(tx, event(EventKind.CLAIMED, task_id="held"))
            put(tx, event(EventKind.CLAIMED, task_id="over", at_ns=NOW - LEASE))
            put(tx, event(EventKind.CANCELLED, task_id="ended"))
            put(tx, event(EventKind.CLAIMED, task_id="ahead", at_ns=NOW + 1))
        with store.read() as tx:
            assert [one.task_id for one in tx.tasks.due(NOW, most=9)] == ["queued", "over", "ahead"]
            assert [one.task_id for one in tx.tasks.due(NOW, most=1)] == ["queued"]
            assert [one.task_id for one in tx.tasks.due(NOW + LEASE, most=9)] == ["queued", "held", "over"]

    def test_made_anew_from_the_events_they_are_the_same(self, store: StorePort) -> None:
        with store.begin() as tx:
            put(tx, created(), event(EventKind.CLAIMED), event(EventKind.RELEASED), created("t2"))
            put(tx, event(EventKind.CANCELLED, task_id="t2"), event(EventKind.HEARTBEAT, task_id="t2"))
            kept = tx.tasks.views(most=9)
            assert tx.tasks.rebuild() == 2
            assert tx.tasks.views(most=9) == kept


class TestArtifacts:
    def test_are_kept_once_a_run(self, store: StorePort) -> None:
        with store.begin() as tx:
            tx.tasks.add_artifact(artifact(data=b"\x00\xff"))
            tx.tasks.add_artifact(artifact(run=2, actor_id=ALICE))
        with pytest.raises(AlreadyThere), store.begin() as tx:
            tx.tasks.add_artifact(artifact())
        with store.read() as tx:
            assert tx.tasks.artifact("t1", 1) == artifact(data=b"\x00\xff")
            assert tx.tasks.artifact("t1", 3) is None


BREAKING: dict[str, tuple[NewEvent, ...]] = {
    "runs are counted without gaps, up to their limit": (created(), event(EventKind.CLAIMED, run=2)),
    "no run begins before the one before it is over": (
        created(),
        event(EventKind.CLAIMED),
        event(EventKind.CLAIMED, run=2, at_ns=NOW + LEASE - 1),
    ),
    "a completed task has its result": (created(), event(EventKind.CLAIMED), event(EventKind.COMPLETED)),
}


class TestInvariants:
    def test_hold_of_a_whole_life(self, store: StorePort) -> None:
        result = artifact(run=2)
        with store.begin() as tx:
            put(tx, created(), event(EventKind.CLAIMED), event(EventKind.HEARTBEAT, at_ns=NOW + 5))
            put(tx, event(EventKind.CLAIMED, run=2, at_ns=NOW + 5 + LEASE))
            tx.tasks.add_artifact(result)
            put(tx, event(EventKind.ARTIFACT, run=2, artifact_digest=result.digest))
            put(tx, event(EventKind.COMPLETED, run=2), event(EventKind.CANCELLED))
            put(tx, created("t2"), event(EventKind.CLAIMED, task_id="t2"))
            put(tx, event(EventKind.RELEASED, task_id="t2"), created("t3"))
            assert tx.tasks.violations() == ()

    @pytest.mark.parametrize("words", BREAKING)
    def test_each_shows_what_breaks_it(self, store: StorePort, words: str) -> None:
        with store.begin() as tx:
            put(tx, *BREAKING[words])
            assert Violation(words, "t1") in tx.tasks.violations()

    def test_every_query_runs_on_every_database(self, store: StorePort) -> None:
        assert len(INVARIANTS) == 9
        with store.read() as tx:
            assert tx.tasks.violations() == ()
