"""Stand-ins that ship with the executor: a clock that is set, and a model that follows a script."""

from collections.abc import Callable, Iterable, Iterator

from gates.executor.clock import Clock
from gates.executor.model import Failed, ModelOutcome, Prompt
from schemas.codes import ErrorCode


class HeldClock:
    """Stands still until somebody sleeps or moves it; both its clocks move together."""

    def __init__(self, epoch_ns: int = 0) -> None:
        self.now_ns = epoch_ns

    def monotonic_ns(self) -> int:
        """The held moment."""
        return self.now_ns

    def time_ns(self) -> int:
        """The held moment."""
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        """Moves the clock and returns at once."""
        self.now_ns += round(seconds * 1_000_000_000)


class ScriptedModel:
    """A `ModelClient` that gives `outcomes` in order; each call takes `latency()` seconds of `clock`.

    When the script is used up, calls fail as an unreachable server does. `prompts` holds what was asked.
    """

    def __init__(
        self,
        outcomes: Iterable[ModelOutcome],
        clock: Clock | None = None,
        latency: Callable[[], float] | None = None,
    ) -> None:
        self.prompts: list[Prompt] = []
        self._outcomes: Iterator[ModelOutcome] = iter(outcomes)
        self._clock = clock
        self._latency = latency

    def complete(self, prompt: Prompt) -> ModelOutcome:
        """The next outcome of the script."""
        self.prompts.append(prompt)
        if self._clock is not None and self._latency is not None:
            self._clock.sleep(self._latency())
        exhausted = Failed(
            error_code=ErrorCode.OPENAI_REQUEST_FAILED, reason="the script is used up", retryable=True
        )
        return next(self._outcomes, exhausted)
