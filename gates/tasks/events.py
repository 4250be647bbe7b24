"""What happens to a task. Events are only ever added; everything else about a task follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What happened. The last four end a task."""

    CREATED = "created"
    CLAIMED = "claimed"
    """A run begins: somebody holds the task until the lease ends."""
    HEARTBEAT = "heartbeat"
    """The lease begins anew."""
    REBASED = "rebased"
    """The clock was set back, so the lease begins anew by the clock of now, for the same run."""
    RELEASED = "released"
    """The run was given back."""
    ARTIFACT = "artifact"
    """The run handed in its result."""
    COMPLETED = "completed"
    FAILED = "failed"
    EXHAUSTED = "exhausted"
    """As many runs as allowed began, and none ended the task."""
    CANCELLED = "cancelled"


ENDING = frozenset({EventKind.COMPLETED, EventKind.FAILED, EventKind.EXHAUSTED, EventKind.CANCELLED})
"""The kinds after which nothing changes a task any more."""

LEASING = frozenset({EventKind.CLAIMED, EventKind.HEARTBEAT, EventKind.REBASED})
"""The kinds that say how long a run holds its task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that is to be added. Times are nanoseconds since the epoch.

    `run` counts the claims of the task from 1; 0 where no run is meant. `lease_ns` is how long the run holds
    the task from `at_ns` on, of the kinds in `LEASING` alone. `outcome` and `reason_codes` are what the
    policy said. `detail` is a JSON object: of `created` `spec` (the job spec), `jobId` and `mostRuns`; of
    `failed` and `cancelled` `reason`.
    """

    task_id: str
    kind: EventKind
    actor_id: str
    at_ns: int
    run: int = 0
    lease_ns: int | None = None
    artifact_digest: str | None = None
    outcome: str = "ALLOWED"
    reason_codes: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(NewEvent):
    """An event that was added. `seq` orders the events of all tasks; clocks may go back, it does not."""

    seq: int
