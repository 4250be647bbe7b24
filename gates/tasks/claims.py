"""A claim: the task that waits longest is begun; what is due before it and cannot be begun is moved on."""

from dataclasses import replace
from typing import assert_never

from gates.store.port import Transaction
from gates.tasks.events import EventKind, NewEvent
from gates.tasks.policy.asked import Case
from gates.tasks.policy.claiming import BeginLeaseAnew, BeginRun, GiveUp, next_step
from gates.tasks.view import RunView

SYSTEM = "system|tasks"
MOST_MOVED = 200


def begin_next(tx: Transaction, case: Case, lease_ns: int, said: NewEvent) -> RunView | None:
    """Begin a run for whoever asks, or None where nothing is due.

    `said` carries what the policy said of the claim. The view is that of the begun task. None also after
    `MOST_MOVED` tasks that cannot be begun, so that no claim keeps other writers waiting for long: each is
    not due any more, and the next claim goes on from there.
    """
    for view in tx.tasks.due(case.now_ns, most=MOST_MOVED):
        after = tx.tasks.append(_event(view, case, lease_ns, said))
        if after.last_kind is EventKind.CLAIMED:
            return after
    return None


def _event(view: RunView, case: Case, lease_ns: int, said: NewEvent) -> NewEvent:
    by_us = replace(said, task_id=view.task_id, actor_id=SYSTEM, run=view.run)
    step = next_step(view, case.now_ns)
    match step:
        case BeginRun(run):
            return replace(said, task_id=view.task_id, kind=EventKind.CLAIMED, run=run, lease_ns=lease_ns)
        case BeginLeaseAnew(as_before_ns):
            return replace(by_us, kind=EventKind.REBASED, lease_ns=as_before_ns)
        case GiveUp():
            return replace(by_us, kind=EventKind.EXHAUSTED)
        case None:
            raise AssertionError(f"task `{view.task_id}` was given as due and is not")
        case _:
            assert_never(step)
