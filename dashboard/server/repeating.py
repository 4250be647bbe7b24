"""A background thread that does one thing over and over, until it is told to stop."""

import threading
from collections.abc import Callable
from typing import Protocol


class Background(Protocol):
    """What goes on in threads of its own between `start`, once, and `stop`, any number of times."""

    def start(self) -> None:
        """Start the threads."""

    def stop(self) -> None:
        """End them."""


class Repeating:
    """Calls `once`, waits `period_seconds`, and so on. `once` keeps its own failures."""

    def __init__(self, name: str, once: Callable[[], object], period_seconds: float) -> None:
        self._once = once
        self._period = period_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; may be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Let what runs finish, then end. Idempotent."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._once()
            self._stop.wait(self._period)
