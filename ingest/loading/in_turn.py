"""Work that is done in order, in a thread beside who hands it over, as long as nothing of it failed."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class InTurn:
    """Hands work to the one thread of `pool`; at most `waiting` of it waits while one is done."""

    def __init__(self, pool: ThreadPoolExecutor, waiting: int) -> None:
        self._pool = pool
        self._waiting = waiting
        self._handed: deque[Future[None]] = deque()

    def hand_over(self, work: Callable[[], None]) -> None:
        """Have it done after what was handed over before, or not at all where something of that failed.

        Waits for room. Raises what earlier work raised.
        """
        if len(self._handed) > self._waiting:
            self._handed.popleft().result()
        before = self._handed[-1] if self._handed else None
        self._handed.append(self._pool.submit(_behind, before, work))

    def finish(self) -> None:
        """Wait for all of it. Raises what it raised."""
        while self._handed:
            self._handed.popleft().result()


def _behind(before: Future[None] | None, work: Callable[[], None]) -> None:
    if before is not None:
        before.result()
    work()
