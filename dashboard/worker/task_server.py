"""The port: a server that gives tasks and takes their results."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that is ours until its lease ends. `job_spec` is a slot-generation.v1 document."""

    task_id: str
    run: int
    job_spec: dict[str, Any]


class TaskServer(Protocol):
    """Every method raises `Unreachable` and `CallDenied` of `dashboard.errors`. Leases are whole seconds."""

    def claim(self, lease_seconds: int) -> Claimed | None:
        """Begin the task that waits longest, or None."""

    def heartbeat(self, claimed: Claimed, lease_seconds: int) -> None:
        """Begin the lease anew."""

    def release(self, claimed: Claimed) -> None:
        """Give the task back."""

    def hand_in(self, claimed: Claimed, artifact: dict[str, Any]) -> None:
        """Give the result of the run. Again with the same one is as once."""

    def complete(self, claimed: Claimed) -> None:
        """The result stands. Again is as once."""

    def fail(self, claimed: Claimed, reason: str) -> None:
        """There is no result to use. Again is as once."""
