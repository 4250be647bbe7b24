"""The port: something that runs one job spec."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, below 0 for a signal, and what it wrote to stdout.

    `output` is null where that was too much.
    """

    exit_code: int
    output: bytes | None


class Running(Protocol):
    """A run under way."""

    def wait(self, seconds: float) -> Ended | None:
        """How it ended, or None when it still runs after so long. What writes too much is stopped."""

    def stop(self, seconds: float) -> None:
        """End it and all that it started, at once after so long at the latest."""


class Executor(Protocol):
    """Runs job specs."""

    def start(self, spec: bytes) -> Running:
        """Begin. Raises `OSError` when it cannot."""
