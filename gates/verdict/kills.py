"""What telemetry shows of a kill: values. Times are epoch nanoseconds."""

from dataclasses import dataclass
from enum import StrEnum


class KillState(StrEnum):
    """Where the confirmation of a kill stands (DESIGN section 6)."""

    ENGAGED = "ENGAGED"
    DRAINING = "DRAINING"
    CONFIRMED = "CONFIRMED"
    BREACHED = "BREACHED"
    UNCONFIRMED = "UNCONFIRMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class KillOfSource:
    """What one source showed since a kill. In flight: decided before it, line after it."""

    source: str
    stubbed_since: int
    openai_since: int
    last_openai_start_ns: int | None
    in_flight: int
    in_flight_ended_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KillFacts:
    """What telemetry shows of the newest kill, engaged at `engaged_ns`; null `released_ns`: still on.

    Managed lines, probes included: they confirm kills. `stubbed_since` counts KILL_SWITCH lines
    decided after it, `openai_since` openai lines decided after it (beyond clock skew).
    """

    revision: int
    engaged_ns: int
    released_ns: int | None
    stubbed_since: int
    first_stub_ns: int | None
    openai_since: int
    last_openai_start_ns: int | None
    in_flight: int
    in_flight_ended_ns: int | None
    sources: tuple[KillOfSource, ...]
