"""The background of a server that deletes what is too old: once an hour, and not in the first minutes.

A pass that fails deletes nothing more, says why in the log, and is tried again an hour later.
"""

import threading
import time
from collections.abc import Callable

from dashboard.retention.gathering import retain_request
from dashboard.server.own_log import say
from dashboard.server.own_service import own_service
from dashboard.server.repeating import Repeating
from dashboard.server.seat import Seat
from dashboard.telemetry.retaining import Retained, pass_over
from gates.changes.ports import NoEvidence
from gates.controls.instant import Clock

PERIOD_SECONDS = 3600.0
FIRST_AFTER_SECONDS = 300.0
_LOOK_SECONDS = 5.0
Pass = Callable[[Callable[[], bool]], Retained | None]
"""One pass, until it is done or told to stop; null where there is nothing to go by."""


class Retaining:
    """Makes passes until stopped; `monotonic` in seconds."""

    def __init__(
        self, once: Pass, announce: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._once = once
        self._announce = announce
        self._monotonic = monotonic
        self._due = monotonic() + FIRST_AFTER_SECONDS
        self._ended = threading.Event()
        self._said = ""
        self._thread = Repeating("retention", self.look, _LOOK_SECONDS)

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """End a pass after its transaction, then the thread. Idempotent."""
        self._ended.set()
        self._thread.stop()

    def look(self) -> None:
        """Make a pass, if one is due; in the caller's thread, not while the thread runs. Never raises."""
        if self._monotonic() < self._due:
            return
        self._due = self._monotonic() + PERIOD_SECONDS
        try:
            done = self._once(self._ended.is_set)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is said, and tried again
            self._say(f"old lines stay where they are: {str(error) or type(error).__name__}")
        else:
            if done is not None and (done.passed.deleted.rows or done.files or not done.passed.is_whole):
                self._say(f"retention: {done.words}")

    def _say(self, words: str) -> None:
        """Once, however often it happens."""
        if words != self._said:
            self._announce(words)
        self._said = words


def retaining_of(
    seat: Seat, clock: Clock = time.time_ns, monotonic: Callable[[], float] = time.monotonic
) -> Retaining:
    """For a served home; where nobody made a change store yet, nothing goes."""

    def once(stopping: Callable[[], bool]) -> Retained | None:
        with own_service(seat.home, NoEvidence()) as service:
            if service is None:
                return None
            request = retain_request(seat.home, service, clock())
        return pass_over(seat.home, seat.store, request, clock, stopping)

    return Retaining(once, say, monotonic)
