"""What a claim does with the next task that is due: a closed set, decided from the view alone."""

from dataclasses import dataclass

from gates.tasks.view import RunView, TaskState


@dataclass(frozen=True, slots=True)
class BeginRun:
    """The task is claimed as this run."""

    run: int


@dataclass(frozen=True, slots=True)
class BeginLeaseAnew:
    """The clock was set back: how much of the lease is left cannot be told, so all of it begins now."""

    lease_ns: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """As many runs as allowed began, and none ended the task."""


NextStep = BeginRun | BeginLeaseAnew | GiveUp


def next_step(view: RunView, now_ns: int) -> NextStep | None:
    """What a claim does with the task at `now_ns`, or None where it is not due."""
    if view.state is TaskState.LEASED:
        if view.renewed_at_ns is None or view.lease_until_ns is None:
            return None
        if view.renewed_at_ns > now_ns:
            return BeginLeaseAnew(view.lease_until_ns - view.renewed_at_ns)
        if view.lease_until_ns > now_ns:
            return None
    elif view.state is not TaskState.QUEUED:
        return None
    return GiveUp() if view.run >= view.most_runs else BeginRun(view.run + 1)
