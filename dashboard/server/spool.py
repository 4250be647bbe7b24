"""The background thread that follows the home's spool, four times a second.

It owns no format and no SQL: `load` is handed in, does one pass from the last checkpoint, and
says how many rows it committed. A pass that fails is kept in the status and tried again; the
pages show it, nothing else stops.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from dashboard.server.repeating import Repeating

PERIOD_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What the last passes did. `generation` grows with every pass that committed rows."""

    generation: int = 0
    passes: int = 0
    last_success_monotonic: float | None = None
    failure: str | None = None


class SpoolLoader:
    """Runs `load` until stopped."""

    def __init__(self, load: Callable[[], int], period_seconds: float = PERIOD_SECONDS) -> None:
        self._load = load
        self._thread = Repeating("spool", self.pass_once, period_seconds)
        self._status = SpoolStatus()

    @property
    def status(self) -> SpoolStatus:
        """The newest status; a frozen value, safe to keep."""
        return self._status

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running pass finish, then end. Idempotent."""
        self._thread.stop()

    def pass_once(self) -> SpoolStatus:
        """One pass, in the caller's thread; not while the thread runs."""
        self._status = self._after_pass(self._status)
        return self._status

    def _after_pass(self, before: SpoolStatus) -> SpoolStatus:
        try:
            rows = self._load()
        except Exception as error:  # noqa: BLE001 - whatever it was, the pages say it and the next pass tries again
            return replace(before, passes=before.passes + 1, failure=f"{type(error).__name__}: {error}")
        return SpoolStatus(
            generation=before.generation + (1 if rows else 0),
            passes=before.passes + 1,
            last_success_monotonic=time.monotonic(),
            failure=None,
        )
