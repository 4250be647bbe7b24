"""The projection: where a task stands, folded from its events one by one.

What ended a task first is final. Later events, and those of runs that are over, are noise: they are
counted as the last event and change nothing else.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from gates.tasks.events import ENDING, LEASING, EventKind, TaskEvent


class TaskState(StrEnum):
    """Where a task stands; the last three are final."""

    QUEUED = "queued"
    LEASED = "leased"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ENDS_AS = {
    EventKind.COMPLETED: TaskState.COMPLETED,
    EventKind.FAILED: TaskState.FAILED,
    EventKind.EXHAUSTED: TaskState.FAILED,
    EventKind.CANCELLED: TaskState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A task and its newest run. Times are nanoseconds since the epoch.

    `run` counts the claims, 0 before the first. `actor_id` holds the task from `renewed_at_ns` until before
    `lease_until_ns`; all three are null unless it is `leased`. `artifact_digest` is the result that the run
    handed in. `terminal_seq` names the event that ended the task.
    """

    task_id: str
    created_seq: int
    job_id: str
    most_runs: int
    state: TaskState
    run: int
    actor_id: str | None
    renewed_at_ns: int | None
    lease_until_ns: int | None
    artifact_digest: str | None
    last_seq: int
    last_kind: EventKind
    last_at_ns: int
    terminal_seq: int | None
    terminal_kind: EventKind | None

    @property
    def is_final(self) -> bool:
        """Whether the task has ended."""
        return self.terminal_seq is not None


def begun(event: TaskEvent) -> RunView:
    """The view of a task after its first event. Raises `ValueError` when that did not create it."""
    if event.kind is not EventKind.CREATED:
        raise ValueError(f"task `{event.task_id}` begins with `{event.kind}`")
    return RunView(
        task_id=event.task_id,
        created_seq=event.seq,
        job_id=str(event.detail["jobId"]),
        most_runs=int(event.detail["mostRuns"]),
        state=TaskState.QUEUED,
        run=0,
        actor_id=None,
        renewed_at_ns=None,
        lease_until_ns=None,
        artifact_digest=None,
        last_seq=event.seq,
        last_kind=event.kind,
        last_at_ns=event.at_ns,
        terminal_seq=None,
        terminal_kind=None,
    )


def moved(view: RunView, event: TaskEvent) -> RunView:
    """The view after one more event. Total: what does not fit is noise."""
    seen = replace(view, last_seq=event.seq, last_kind=event.kind, last_at_ns=event.at_ns)
    if view.is_final:
        return seen
    if event.kind in ENDING:
        ended = _free(seen, _ENDS_AS[event.kind])
        return replace(ended, terminal_seq=event.seq, terminal_kind=event.kind)
    if event.kind is EventKind.CLAIMED:
        claimed = replace(seen, state=TaskState.LEASED, run=event.run, actor_id=event.actor_id)
        return _leased(replace(claimed, artifact_digest=None), event)
    if view.state is not TaskState.LEASED or event.run != view.run:
        return seen
    if event.kind in LEASING:
        return _leased(seen, event)
    if event.kind is EventKind.RELEASED:
        return replace(_free(seen, TaskState.QUEUED), artifact_digest=None)
    if event.kind is EventKind.ARTIFACT:
        return replace(seen, artifact_digest=event.artifact_digest)
    return seen


def _leased(view: RunView, event: TaskEvent) -> RunView:
    return replace(view, renewed_at_ns=event.at_ns, lease_until_ns=event.at_ns + (event.lease_ns or 0))


def _free(view: RunView, state: TaskState) -> RunView:
    return replace(view, state=state, actor_id=None, renewed_at_ns=None, lease_until_ns=None)
