"""While a home is served: keep its budget of the day, by stopping everything where it is used up.

    four fifths used, or usage that is not known       a warning: on the pages, and once a day on record
    all used                                           a kill by `system|budget`, like any other kill
    usage that cannot be counted for several looks     as the budget says of what is not known
    a budget that cannot be read                       a kill: it was meant to protect

Usage comes from the telemetry, so a restart forgets nothing. What ran when the limit was reached still ends:
a budget is kept to within some seconds of calls, not to the call. Nothing here ever opens anything.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dashboard.server.repeating import Repeating
from dashboard.server.watch import Service
from gates.changes.automatic import Narrowed
from gates.changes.service import ChangeService
from gates.changes.spending import Spending
from gates.controls.instant import timestamp
from gates.controls.reader import ControlFile
from gates.errors import GateError
from gates.spending.budget import Budget, Standing, Unknown, standings, stops, warnings
from gates.spending.used import DayUsage
from ingest.usage import DAY_NS

PERIOD_SECONDS = 2.0
LOOK_ANEW_NS = 15 * 10**9
"""Commands load telemetry too, so usage is counted anew also where the spool brought nothing."""
_REST, _LONG_NS = 4, 200_000_000
"""After a long count, as of millions of lines, so many times as long is left to ingest and the pages."""
LASTING_LOOKS = 3
"""So many looks in a row without an answer are no passing trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What the last look showed. `standings` is empty where no limit is set; `warnings` are in words, and
    `used_up` says of what is used up.

    `failure` says why the last look failed; `done` what was last done by itself, since `done_ns`.
    """

    standings: tuple[Standing, ...] = ()
    warnings: tuple[str, ...] = ()
    used_up: str | None = None
    failure: str | None = None
    done: str | None = None
    done_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """The use of a day, counted at `at_ns` in a state of the telemetry; `rest_ns`: not again before."""

    generation: int
    day_no: int
    at_ns: int
    rest_ns: int
    usage: DayUsage

    def holds(self, generation: int, now_ns: int) -> bool:
        """Whether it need not be counted anew yet. A clock that was set back ends it."""
        age_ns = now_ns - self.at_ns
        return 0 <= age_ns < (LOOK_ANEW_NS if generation == self.generation else self.rest_ns)


class BudgetGuard:
    """Looks until stopped.

    `service` opens the change service, `blind` makes one of a home whose store cannot be used. `usage`
    counts a day, `generation` tells which state the telemetry is in, `lag` why it is not what was written.
    """

    def __init__(
        self,
        service: Service,
        blind: Callable[[GateError], ChangeService],
        usage: Callable[[int], DayUsage],
        generation: Callable[[], int],
        lag: Callable[[], str | None],
        controls: ControlFile,
        announce: Callable[[str], None],
        clock: Callable[[], int] = time.time_ns,
        period_seconds: float = PERIOD_SECONDS,
    ) -> None:
        self._service = service
        self._blind = blind
        self._usage = usage
        self._generation = generation
        self._lag = lag
        self._controls = controls
        self._announce = announce
        self._clock = clock
        self._guarded = Guarded()
        self._known: Spending | None = None
        self._counted: _Counted | None = None
        self._uncounted_looks = 0
        self._said: frozenset[str] = frozenset()
        self._thread = Repeating("budget", self.look, period_seconds)

    @property
    def guarded(self) -> Guarded:
        """The newest state; a frozen value, safe to keep."""
        return self._guarded

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running look finish, then end. Idempotent."""
        self._thread.stop()

    def look(self) -> Guarded:
        """One look, in the caller's thread; not while the thread runs."""
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - whatever it was, the pages say it and the next look tries again
            self._failed(f"the budget cannot be looked at: {str(error) or type(error).__name__}")
        return self._guarded

    def _look(self) -> None:
        try:
            with self._service() as service:
                if service is None:
                    return
                self._known = service.spending()
                self._keep(service, self._known)
        except GateError as error:
            # The budget that was known last is kept: a store that is locked opens nothing.
            if self._known is None:
                raise
            self._keep(self._blind(error), self._known)
            raise
        self._guarded = replace(self._guarded, failure=None)

    def _keep(self, service: ChangeService, known: Spending) -> None:
        if known.unreadable is not None:
            self._stand((), {"unreadable": known.unreadable}, known.unreadable)
            self._stop(service, known.unreadable)
            return
        if known.budget is None or not known.budget.limits:
            self._stand((), {}, None)
            return
        now_ns = self._clock()
        found, said, why = self._judged(known.budget, known, now_ns)
        used_up = "; ".join(why) or None
        self._stand(found, said, used_up)
        if used_up is not None:
            self._stop(service, used_up)  # effect first, record after
        service.note_budget(timestamp(now_ns)[:10], known.version, said, used_up)

    def _judged(
        self, limits: Budget, known: Spending, now_ns: int
    ) -> tuple[tuple[Standing, ...], Mapping[str, str], tuple[str, ...]]:
        """How far each limit is used, what to warn of, and why to stop."""
        try:
            found = standings(limits, self._day(now_ns), known.prices)
            uncounted = self._lag()
        except Exception as error:  # noqa: BLE001 - telemetry that cannot be asked, for whatever reason, is not known
            found, uncounted = (), str(error) or type(error).__name__
        said, why = dict(warnings(found)), stops(limits, found)
        self._uncounted_looks = 0 if uncounted is None else self._uncounted_looks + 1
        if uncounted is not None and self._uncounted_looks >= LASTING_LOOKS:
            words = f"what is used today cannot be counted: {uncounted}"
            said = {**said, "usage": f"budget: {words}"}
            if limits.unknown is Unknown.KILL:
                why = (*why, f"the budget cannot be kept: {words}")
        return found, said, why

    def _day(self, now_ns: int) -> DayUsage:
        generation, day_no = self._generation(), now_ns // DAY_NS
        last = self._counted
        if last is not None and last.day_no == day_no and last.holds(generation, now_ns):
            return last.usage
        usage, ended_ns = self._usage(day_no), self._clock()
        took_ns = ended_ns - now_ns
        rest_ns = min(LOOK_ANEW_NS, _REST * took_ns) if took_ns > _LONG_NS else 0
        self._counted = _Counted(
            generation=generation, day_no=day_no, at_ns=ended_ns, rest_ns=rest_ns, usage=usage
        )
        return usage

    def _stop(self, service: ChangeService, reason: str) -> None:
        """Where decisions are denied already there is nothing to stop."""
        controls = self._controls.current()
        if controls.killed is not None or controls.unknown is not None:
            return
        done: Narrowed = service.stop_for_budget(reason)
        words = done.words if done.late is None else f"{done.words}; recorded late: {done.late}"
        self._guarded = replace(self._guarded, done=words, done_ns=self._clock())
        self._announce(words)

    def _stand(self, found: tuple[Standing, ...], said: Mapping[str, str], used_up: str | None) -> None:
        for name, words in said.items():
            if name not in self._said:
                self._announce(words)
        self._said = frozenset(said)
        reached = {one.limit.value for one in found if one.reached}
        rest = tuple(one for name, one in said.items() if name not in reached)
        self._guarded = replace(self._guarded, standings=found, warnings=rest, used_up=used_up)

    def _failed(self, words: str) -> None:
        if words != self._guarded.failure:
            self._announce(words)
        self._guarded = replace(self._guarded, failure=words)
