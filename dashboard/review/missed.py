"""What of logs went before it was read, since the time began that a review is about: no check counts it.

It holds nothing (ADR 175), and stands beside the verdict so that whoever signs knows of it.
"""

from dataclasses import dataclass
from typing import Any

from dashboard.telemetry.port import Telemetry
from ingest.store.gaps import Gap


@dataclass(frozen=True, slots=True)
class Missed:
    """Open gaps, oldest first. `failure` says, in words, why they could not be looked at."""

    gaps: tuple[Gap, ...] = ()
    failure: str | None = None

    @property
    def bytes(self) -> int:
        """How many are missing in all."""
        return sum(one.bytes for one in self.gaps)

    @property
    def logs(self) -> int:
        """Of how many files."""
        return len({one.name for one in self.gaps})

    def as_records(self) -> list[dict[str, Any]] | None:
        """For `--json`; null where nobody could look."""
        return None if self.failure is not None else [one.as_record() for one in self.gaps]


def missed(telemetry: Telemetry, from_ns: int | None) -> Missed:
    """What was noticed since `from_ns` (epoch nanoseconds), null for ever. Never raises: a verdict stands."""
    try:
        gaps = telemetry.gaps()
    except Exception as error:  # noqa: BLE001  whatever it was, it is said beside the verdict
        return Missed(failure=str(error) or type(error).__name__)
    return Missed(tuple(one for one in gaps if from_ns is None or one.at_ns >= from_ns))
