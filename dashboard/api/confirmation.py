"""What the stop panel says of a kill's confirmation by telemetry. Values, made in the background."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.data.controls import ControlStrip, State
from gates.controls.instant import timestamp
from gates.verdict.evidence import KillState


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Where it stands, in one sentence, as of `at_ns` (epoch nanoseconds)."""

    state: KillState
    sentence: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Nobody could tell, because of `why`. The stop holds all the same."""

    why: str


Confirmations = Callable[[ControlStrip], Confirmation | NotKnown | None]
"""What is known now of the kill in these controls, null where none is on. Waits for nothing."""


def nobody_looks(why: str) -> Confirmations:
    """Where there is no telemetry to ask."""
    return lambda strip: NotKnown(why) if strip.state is State.KILLED else None


def described(found: Confirmation | NotKnown | None) -> dict[str, Any] | None:
    """For the API: `state` is one of the five, or UNKNOWN; only CONFIRMED says that it works."""
    match found:
        case None:
            return None
        case NotKnown(why):
            return {"state": "UNKNOWN", "words": f"confirmation not known yet: {why}", "at": None}
        case Confirmation(state, sentence, at_ns):
            return {"state": state.value, "words": sentence, "at": timestamp(at_ns)}
