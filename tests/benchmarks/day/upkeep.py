"""What keeps the telemetry file of the compressed day small: passes of retention, and one compaction."""

import threading
import time
from dataclasses import dataclass

from ingest.retention.run import Order, Passed, retain
from ingest.store import TelemetryStore
from ingest.upkeep.compacting import Compacted, compact
from tests.benchmarks.day.calendar import Calendar


@dataclass(frozen=True)
class Plan:
    """A pass every `pass_s` that keeps `days` of the calendar, and a compaction after `compact_after_s`."""

    calendar: Calendar
    days: int
    pass_s: float
    compact_after_s: float


@dataclass(frozen=True)
class Kept:
    """What was done: rows that went, and what is before `before_ns` is gone; seconds by the clock."""

    passes: int
    deleted: int
    before_ns: int
    longest_pass_s: float
    compacted: Compacted
    compaction_s: float


class Upkeep:
    """Does it, beside a follower of the same store."""

    def __init__(self, store: TelemetryStore, plan: Plan) -> None:
        self._store = store
        self._plan = plan
        self._passes: list[tuple[Passed, float]] = []
        self._compacted: tuple[Compacted, float] | None = None

    def run(self, end: threading.Event) -> None:
        """Until told to end."""
        compact_at = time.monotonic() + self._plan.compact_after_s
        while not end.wait(self._plan.pass_s):
            self._pass()
            if self._compacted is None and time.monotonic() >= compact_at:
                begin = time.monotonic()
                self._compacted = compact(self._store, time.time_ns()), time.monotonic() - begin

    def ended(self) -> Kept:
        """All that was done, after one more pass."""
        self._pass()
        last = self._passes[-1][0].bound
        assert last is not None
        assert self._compacted is not None, "the day was over before"
        return Kept(
            len(self._passes),
            sum(passed.deleted.rows for passed, _ in self._passes),
            last.before_ns,
            max(took for _, took in self._passes),
            *self._compacted,
        )

    def _pass(self) -> None:
        begin = time.monotonic()
        order = Order(days=self._plan.days, trusts_clock=True)
        passed = retain(self._store, order, lambda: self._plan.calendar.at(time.time_ns()))
        self._passes.append((passed, time.monotonic() - begin))
