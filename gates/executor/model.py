"""The port to a model: one method, and everything it can answer.

An outcome is a value, never an exception: a run must end in one telemetry line whatever happens.

    ModelOutcome
    ├── Completed   the model answered with a JSON object
    └── Failed      it did not; carries the stable errorCode, whether a new attempt can help, and why
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is asked: its instructions, and the request as JSON text."""

    system: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call or several, as the model's server counted them."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFacts:
    """What the wire said about a call; null where it said nothing. All but `usage` and `request_id` is for
    the private log alone.
    """

    http_status: int | None = None
    request_id: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The model's JSON object."""

    output: dict[str, Any]
    facts: WireFacts = field(default_factory=WireFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No usable answer. `reason` is ours, in words: never a body, a header or an exception's text.

    `retryable`: another attempt can end differently. `retry_after_s`: the seconds the server asked for.
    """

    error_code: ErrorCode
    reason: str
    retryable: bool = False
    retry_after_s: float | None = None
    facts: WireFacts = field(default_factory=WireFacts)


ModelOutcome = Completed | Failed


class ModelClient(Protocol):
    """Calls a model once: no hidden retries, bounded in time and size; never raises."""

    def complete(self, prompt: Prompt) -> ModelOutcome:
        """Ask once and say how it ended."""


ModelOpener = Callable[[], ModelClient | Failed]
"""Makes the client, or says why there can be none (no usable key). Called only for an admitted job."""
