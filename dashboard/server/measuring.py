"""The telemetry counted for monitoring, in the background: a scrape waits for no query.

Counting goes over everything that is stored, so it is done again only after a rest: nine times as long as it
took, and at least a quarter of a minute. How old the figures are is said with them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dashboard.api.metrics.measured import Figures, Judged, Measured, Spent, never_falling
from dashboard.data.time_limit import time_limit
from dashboard.server.budget import Guarded
from dashboard.server.own_log import say
from dashboard.server.repeating import Repeating
from dashboard.server.seat import Seat
from dashboard.server.spool import SpoolStatus
from dashboard.server.watch import Watched
from dashboard.telemetry.spool import behind
from gates.controls.instant import Clock
from gates.home import Home
from ingest.report.totals import Totals, totals
from ingest.store import TelemetryStore
from schemas.instant import SECOND

PERIOD_SECONDS = 1.0
REST_SECONDS = 15.0
_REST = 9
QUERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Count:
    """The newest count that succeeded; `began` in monotonic seconds."""

    totals: Totals
    behind_bytes: int
    began: float
    took_s: float


class Measuring:
    """Counts until stopped. `count` gives the totals and how many bytes of the spool are not read."""

    def __init__(
        self,
        count: Callable[[], tuple[Totals, int]],
        spool: Callable[[], SpoolStatus],
        watched: Callable[[], Watched],
        guarded: Callable[[], Guarded | None],
        announce: Callable[[str], None],
        clock: Clock = time.time_ns,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._spool = spool
        self._watched = watched
        self._guarded = guarded
        self._announce = announce
        self._clock = clock
        self._monotonic = monotonic
        self._last: _Count | None = None
        self._failure: str | None = "nothing was counted yet"
        self._rests_until = 0.0
        self._thread = Repeating("measuring", self.look, PERIOD_SECONDS)

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running count finish, then end. Idempotent."""
        self._thread.stop()

    def look(self) -> None:
        """Count, unless it rests; in the caller's thread, not while the thread runs. Never raises.

        The spool comes first, else the first count after a start would be of before it.
        """
        began = self._monotonic()
        if began < self._rests_until or self._spool().passes == 0:
            return
        try:
            found, behind_bytes = self._count()
            before = None if self._last is None else self._last.totals
            took_s = self._monotonic() - began
            self._last = _Count(never_falling(before, found), behind_bytes, began, took_s)
            self._failure = None
        except Exception as error:  # noqa: BLE001 - whatever it was, it is said, and tried again
            said = str(error) or type(error).__name__
            if said != self._failure:
                self._announce(f"the telemetry cannot be counted for /metrics: {said}")
            self._failure = said
        ended = self._monotonic()
        self._rests_until = ended + max(REST_SECONDS, _REST * (ended - began))

    def measured(self) -> Measured:
        """What is known now. Waits for nothing."""
        now, last, spool, watched = self._monotonic(), self._last, self._spool(), self._watched()
        reviewed, loaded_at = watched.reviewed, spool.last_success_monotonic
        return Measured(
            figures=None
            if last is None
            else Figures(
                totals=last.totals,
                behind_bytes=last.behind_bytes,
                age_s=now - last.began,
                took_s=last.took_s,
            ),
            judged=None
            if reviewed is None
            else Judged(
                verdict=reviewed.verdict,
                # A clock that was set back makes nothing younger than it is.
                age_s=max(0, self._clock() - reviewed.question.now_ns) / SECOND,
            ),
            spent=_spent(self._guarded()),
            counted=self._failure is None,
            loaded=spool.failure is None,
            looked=watched.failure is None,
            loaded_age_s=None if loaded_at is None else now - loaded_at,
        )


def measuring_of(seat: Seat) -> Measuring:
    """For a served home."""
    return Measuring(
        lambda: _counted(seat.home, seat.store),
        lambda: seat.loader.status,
        lambda: seat.watch.watched,
        lambda: None if seat.budget is None else seat.budget.guarded,
        say,
    )


def _spent(guarded: Guarded | None) -> Spent | None:
    """Null where no limit is set."""
    if guarded is None or not (guarded.standings or guarded.used_up or guarded.failure):
        return None
    return Spent(standings=guarded.standings, looked=guarded.failure is None)


def _counted(home: Home, store: TelemetryStore) -> tuple[Totals, int]:
    """Raises `QueryTimeout`, DuckDB's errors and what ingest raises."""
    cursor = store.cursor()
    try:
        with time_limit(cursor, QUERY_SECONDS):
            return totals(cursor), behind(cursor, home).spool_bytes
    finally:
        cursor.close()
