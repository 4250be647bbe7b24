"""Each invariant of the tasks shows the damage that it is there for."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gates.store.repositories.task_invariants import INVARIANTS
from gates.store.store import Store
from gates.tasks.events import EventKind
from tests.gates.store.builders import artifact, created
from tests.gates.store.test_tasks_contract import event

DAMAGE = {
    "every task has a view, and every view a task": "DELETE FROM run_view WHERE task_id = 'done'",
    "a task is created once, and first": (
        "INSERT INTO task_event SELECT 90, task_id, run, kind, actor_id, at_ns, lease_ns, artifact_digest, "
        "outcome, reason_codes, detail_json FROM task_event WHERE task_id = 'done' AND kind = 'created'"
    ),
    "a view names the first and the last event": "UPDATE run_view SET last_seq = 1 WHERE task_id = 'done'",
    "what ended a task first is final": "UPDATE run_view SET terminal_seq = NULL WHERE task_id = 'done'",
    "the state says how the task ended": "UPDATE run_view SET state = 'failed' WHERE task_id = 'done'",
    "runs are counted without gaps, up to their limit": (
        "UPDATE run_view SET most_runs = 0 WHERE task_id = 'done'"
    ),
    "no run begins before the one before it is over": (
        "INSERT INTO task_event SELECT 91, task_id, 2, kind, actor_id, at_ns, lease_ns, artifact_digest, "
        "outcome, reason_codes, detail_json FROM task_event WHERE task_id = 'done' AND kind = 'claimed'"
    ),
    "a lease is that of the newest run, and nobody else holds a task": (
        "UPDATE run_view SET lease_until_ns = lease_until_ns + 1 WHERE task_id = 'held'"
    ),
    "a completed task has its result": "UPDATE run_view SET artifact_digest = NULL WHERE task_id = 'done'",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gate.db"
    result = artifact("done")
    with closing(Store.create(path)) as store, store.begin() as tx:
        for name in ("done", "held"):
            tx.tasks.append(created(name))
            tx.tasks.append(event(EventKind.CLAIMED, task_id=name))
        tx.tasks.add_artifact(result)
        tx.tasks.append(event(EventKind.ARTIFACT, task_id="done", artifact_digest=result.digest))
        tx.tasks.append(event(EventKind.COMPLETED, task_id="done"))
        assert tx.tasks.violations() == ()
    return path


def test_every_invariant_is_tried() -> None:
    assert DAMAGE.keys() == INVARIANTS.keys()


@pytest.mark.parametrize("words", DAMAGE)
def test_damage_shows(path: Path, words: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(DAMAGE[words]).rowcount == 1
    with closing(Store.open(path)) as store, store.read() as tx:
        assert words in {one.invariant for one in tx.tasks.violations()}
