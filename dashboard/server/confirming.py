"""Whether telemetry confirms the kill in force, looked at in the background for the stop panel.

A thread of its own asks while the control file says that the kill is on, and each question has a short
bound. Who wants to know reads the last answer and never waits: an answer about another kill, or one too
old, is no answer, and that is what is said.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial

from dashboard.api.confirmation import Confirmation, NotKnown
from dashboard.data.controls import ControlStrip, State
from dashboard.errors import QueryTimeout
from dashboard.review.kills import confirmation
from dashboard.server import changes
from dashboard.server.repeating import Repeating
from dashboard.server.seat import Seat
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.port import Telemetry
from gates.changes.looking import Looking
from gates.controls.instant import Clock
from gates.errors import GateError
from gates.verdict.evidence import KillState
from gates.verdict.verdict import KillConfirmation

PERIOD_SECONDS = 1.0
QUESTION_SECONDS = 4.0
OLD_AFTER_SECONDS = 10.0
SYSTEM = "system|telemetry"
_REST = 4
"""After a look so many times as long is left to ingest and the pages."""

Service = Callable[[], AbstractContextManager[Looking]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found about the kill of these controls, or why nothing was; `at` in monotonic seconds."""

    kill: tuple[int | None, int | None]
    said: KillConfirmation | str
    at: float
    at_ns: int


class Confirming:
    """Looks until stopped. `strip` reads the control file; `telemetry` answers within a few seconds.

    `on_breach` is told, once for each kill, when telemetry shows calls that were started since.
    """

    def __init__(
        self,
        strip: Callable[[], ControlStrip],
        service: Service,
        telemetry: Telemetry,
        clock: Clock = time.time_ns,
        monotonic: Callable[[], float] = time.monotonic,
        on_breach: Callable[[str], object] = lambda _words: None,
    ) -> None:
        self._strip = strip
        self._service = service
        self._telemetry = telemetry
        self._clock = clock
        self._monotonic = monotonic
        self._on_breach = on_breach
        self._breached: tuple[int | None, int | None] | None = None
        self._answer: _Answer | None = None
        self._rests_until = 0.0
        self._thread = Repeating("confirming", self.look, PERIOD_SECONDS)

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running look finish, then end. Idempotent."""
        self._thread.stop()

    def look(self) -> None:
        """One look, in the caller's thread; not while the thread runs. Never raises."""
        strip = self._strip()
        last = self._answer
        if strip.state is not State.KILLED:
            return
        if last is not None and last.kill == _kill(strip) and self._monotonic() < self._rests_until:
            return
        began = self._monotonic()
        try:
            with self._service() as service:
                said: KillConfirmation | str = _about(strip, service, self._telemetry, self._clock)
        except QueryTimeout:
            said = "telemetry does not answer"
        except GateError as error:
            said = f"the store does not answer: {error}"
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing is confirmed by it, and it is said
            said = f"telemetry does not answer: {str(error) or type(error).__name__}"
        ended = self._monotonic()
        self._answer = _Answer(_kill(strip), said, ended, self._clock())
        self._rests_until = ended + min(OLD_AFTER_SECONDS / 2, _REST * (ended - began))
        if isinstance(said, KillConfirmation) and said.state is KillState.BREACHED:
            self._note_breach(_kill(strip), said.sentence)

    def _note_breach(self, kill: tuple[int | None, int | None], words: str) -> None:
        """Put it on record, once for each kill."""
        if kill == self._breached:
            return
        with suppress(GateError):  # the panel says it already; the next look tries to record it again
            self._on_breach(words)
            self._breached = kill

    def said(self, strip: ControlStrip) -> Confirmation | NotKnown | None:
        """What is known of the kill in `strip`; null where none is on. Waits for nothing."""
        if strip.state is not State.KILLED:
            return None
        last = self._answer
        if last is None or last.kill != _kill(strip):
            return NotKnown("telemetry was not asked yet")
        if self._monotonic() - last.at > OLD_AFTER_SECONDS:
            return NotKnown("telemetry does not answer")
        if isinstance(last.said, str):
            return NotKnown(last.said)
        return Confirmation(last.said.state, last.said.sentence, last.at_ns)


def confirming_of(seat: Seat, strip: Callable[[], ControlStrip]) -> Confirming:
    """For a served home, with a bound of its own on each question; ingest brings the lines in anyway."""
    telemetry = StoreTelemetry(seat.home, seat.store, lambda _skew: None, seconds=QUESTION_SECONDS)

    def note_breach(words: str) -> None:
        with changes.to_look(seat.home, telemetry) as service:
            service.note_kill_breach(SYSTEM, words)

    opened = partial(changes.to_look, seat.home, telemetry)
    return Confirming(strip, opened, telemetry, on_breach=note_breach)


def _kill(strip: ControlStrip) -> tuple[int | None, int | None]:
    """What tells this kill from every other one."""
    return strip.revision, strip.since_ns


def _about(strip: ControlStrip, service: Looking, telemetry: Telemetry, clock: Clock) -> KillConfirmation:
    revisions = service.revisions()
    if not revisions or not revisions[-1].after["kill"]:
        # A stop takes effect before it is recorded: until then the record speaks of what was before.
        on = "" if strip.revision is None else f" of revision {strip.revision}"
        return KillConfirmation(
            state=KillState.ENGAGED, sentence=f"ENGAGED: the kill{on} is on and not recorded yet"
        )
    return confirmation(service, telemetry, clock)
