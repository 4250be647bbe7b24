"""Dear counts, one after the other, beside the pages: a page never stands still for them.

Whoever asks waits a moment, then gets what was counted last, or nothing yet. Many readers of one view
cost one count, and all views together keep one core busy, never more.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")
TICK_NS = 10 * 10**9
LINES_A_TICK = 1_000_000
MOST_TICKS = 30
AGAIN_AFTER_SECONDS = 300.0
"""A count that failed, as by its time limit, is tried again after so long."""


def period_of(lines: int, now_ns: int) -> int:
    """The number of the period of `now_ns`: ten seconds long for each million lines, five minutes at most.

    What is counted over so many lines, and goes on changing, is counted once in each.
    """
    return now_ns // (TICK_NS * min(MOST_TICKS, 1 + lines // LINES_A_TICK))


@dataclass(slots=True)
class _Count:
    """One count: `version` names the state it is of, `earlier` what was counted before it."""

    version: Hashable
    earlier: Any
    ready: Event = field(default_factory=Event)
    value: Any = None
    error: Exception | None = None
    ended: float = 0.0


class Counting:
    """Keeps the last counts of at most `most` things."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: OrderedDict[Hashable, _Count] = OrderedDict()
        self._changing = Lock()
        self._turn = Lock()

    def ask(self, about: Hashable, version: Hashable, count: Callable[[], T], wait_s: float) -> T | None:
        """What `count` gives for `about` in the state `version`, once it is there; until then what it gave
        for the state before, or None. Waits at most `wait_s` seconds. Raises what `count` raised.
        """
        with self._changing:
            found = self._counts.get(about)
            if found is None or self._is_over(found, version):
                found = _Count(version, None if found is None else found.value or found.earlier)
                self._counts[about] = found
                Thread(target=self._run, args=(found, count), name="count", daemon=True).start()
            self._counts.move_to_end(about)
            while len(self._counts) > self._most:
                self._counts.popitem(last=False)
        if not found.ready.wait(max(0.0, wait_s)):
            earlier: T | None = found.earlier
            return earlier
        if found.error is not None:
            raise found.error
        value: T = found.value
        return value

    @staticmethod
    def _is_over(found: _Count, version: Hashable) -> bool:
        if not found.ready.is_set():
            return False
        failed_long_ago = found.error is not None and time.monotonic() - found.ended > AGAIN_AFTER_SECONDS
        return found.version != version or failed_long_ago

    def _run(self, one: _Count, count: Callable[[], Any]) -> None:
        with self._turn:
            try:
                one.value = count()
            except Exception as error:  # noqa: BLE001 - raised where it is asked for
                one.error = error
        one.ended = time.monotonic()
        one.ready.set()
