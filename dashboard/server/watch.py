"""While a home is served: look at the live verdict every few seconds, and act where that protects.

    what the control file holds was reviewed by nobody    stop everything, at once
    the verdict of the revision in force is ROLL BACK      it latches; and narrow, where an admin asked for it

Nothing here ever widens. The pages show what was seen last; a look that fails is shown, and tried again.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from dashboard.review.provider import Reviewed, TelemetryEvidence
from dashboard.server.repeating import Repeating
from gates.changes.automatic import SYSTEM, Narrowed
from gates.changes.convergence import UNREVIEWED
from gates.changes.service import ChangeService
from gates.errors import UnknownEntry
from gates.verdict.evidence import Severity

PERIOD_SECONDS = 5.0
LOOK_ANEW_NS = 15 * 10**9
"""A verdict depends on the time too, so it is formed anew also where no line came."""
_REST, _LONG_NS, _LONGEST_REST_NS = 4, 10**9, 60 * 10**9
"""After a long look, as at very many lines, so many times as long is left to ingest and the pages."""

Service = Callable[[], AbstractContextManager[ChangeService | None]]
"""Opens the change service for one look; null where the home has no store yet."""

NO_STORE = (
    "this home has no store, so no revision is on record and nobody can sign in; serve the right home, "
    "restore this one from a backup, or make it one with `slotgate init`"
)
NO_REVISION = "no revision is on record yet: `slotgate init` did not come to its end; run it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the last looks showed. `reviewed` is the newest review, null before the first.

    `failure` says why the last look failed, `nothing` why there was nothing to judge. `done` is what was last
    done by itself, since `done_ns`.
    """

    reviewed: Reviewed | None = None
    failure: str | None = None
    nothing: str | None = None
    done: str | None = None
    done_ns: int | None = None


class Watch:
    """Looks until stopped. `generation` tells which state the telemetry is in."""

    def __init__(
        self,
        service: Service,
        provider: TelemetryEvidence,
        generation: Callable[[], int],
        announce: Callable[[str], None],
        clock: Callable[[], int] = time.time_ns,
        period_seconds: float = PERIOD_SECONDS,
    ) -> None:
        self._service = service
        self._provider = provider
        self._generation = generation
        self._announce = announce
        self._clock = clock
        self._watched = Watched()
        self._seen: tuple[int, int] | None = None
        self._rest_ns = (0, 0)
        self._odd: str | None = None
        self._thread = Repeating("watch", self.look, period_seconds)

    @property
    def watched(self) -> Watched:
        """The newest state; a frozen value, safe to keep."""
        return self._watched

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running look finish, then end. Idempotent."""
        self._thread.stop()

    def look(self) -> Watched:
        """One look, in the caller's thread; not while the thread runs."""
        try:
            with self._service() as service:
                if service is None:
                    nothing: str | None = NO_STORE
                else:
                    self._look_at_controls(service)
                    nothing = self._look_at_verdict(service)
            self._watched = replace(self._watched, failure=None, nothing=nothing)
        except Exception as error:  # noqa: BLE001 - whatever it was, the pages say it and the next look tries again
            said = str(error) or type(error).__name__
            if said != self._watched.failure:
                self._announce(f"the verdict cannot be formed: {said}")
            self._watched = replace(self._watched, failure=said)
        return self._watched

    def _look_at_controls(self, service: ChangeService) -> None:
        """What nobody reviewed stops at once; what an unfinished change looks like gets time to finish."""
        odd = service.unreviewed()
        lasting, self._odd = odd is not None and odd == self._odd, odd
        if odd is None or not (lasting or odd.startswith(UNREVIEWED)):
            return
        for finding in service.reconcile():
            self._did(f"{finding.code}: {finding.words}")

    def _look_at_verdict(self, service: ChangeService) -> str | None:
        """Why there is nothing to judge, if there is not."""
        try:
            question = service.question()
        except UnknownEntry:
            return NO_REVISION
        seen = (self._generation(), question.revision)
        last = self._watched.reviewed
        if last is not None and seen == self._seen and question.now_ns - last.question.now_ns < LOOK_ANEW_NS:
            return None
        if self._seen is not None and seen[1] == self._seen[1] and self._rests(question.now_ns):
            return None
        reviewed = self._provider.reviewed(question)
        ended_ns = self._clock()
        took = ended_ns - question.now_ns
        rest = min(_LONGEST_REST_NS, _REST * took) if took > _LONG_NS else 0
        self._rest_ns = (ended_ns, ended_ns + rest)
        self._seen = seen
        self._watched = replace(self._watched, reviewed=reviewed)
        service.note_verdict(SYSTEM, reviewed.kept)
        self._narrow(service, reviewed)
        return None

    def _rests(self, now_ns: int) -> bool:
        """A clock that was set back ends the rest."""
        began, ends = self._rest_ns
        return began <= now_ns < ends

    def _narrow(self, service: ChangeService, reviewed: Reviewed) -> None:
        """Only what fails now counts: an old ROLL BACK that nobody acknowledged was acted on then."""
        controls = reviewed.evidence.controls
        killed = controls is None or controls.kill or controls.removed
        critical = any(one.severity is Severity.CRITICAL and one.lines for one in reviewed.evidence.findings)
        rolls_back = not killed and bool(reviewed.verdict.stops)
        done: Narrowed | None = service.narrow_automatically(
            reviewed.kept, rolls_back=rolls_back, critical=critical
        )
        if done is None:
            return
        self._seen = None  # look anew at what is in force now
        self._did(done.words if done.late is None else f"{done.words}; recorded late: {done.late}")

    def _did(self, words: str) -> None:
        self._watched = replace(self._watched, done=words, done_ns=self._clock())
        self._announce(words)
