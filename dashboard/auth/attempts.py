"""How often somebody may guess: failures in the last quarter of an hour, by name and by address.

Only passwords are counted here. A person who is locked out keeps every session, token and the kill.
Kept in memory: whoever can restart the server owns the home.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW_S = 900.0
PER_NAME, PER_ADDRESS = 10, 30
_MOST_KEYS = 10_000


class Attempts:
    """`monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures: dict[tuple[str, str], deque[float]] = {}
        self._lock = Lock()

    def wait_s(self, name: str, address: str) -> float:
        """How long nobody may try this name, or from this address; 0 when they may now."""
        now = self._monotonic()
        with self._lock:
            return max(
                self._wait(("name", name), PER_NAME, now), self._wait(("address", address), PER_ADDRESS, now)
            )

    def failed(self, name: str, address: str) -> bool:
        """Count a failure; whether the name is locked by it."""
        now = self._monotonic()
        with self._lock:
            if len(self._failures) > _MOST_KEYS:
                self._failures = {key: at for key, at in self._failures.items() if at[-1] > now - WINDOW_S}
            for key in (("name", name), ("address", address)):
                self._failures.setdefault(key, deque(maxlen=PER_ADDRESS)).append(now)
            return self._wait(("name", name), PER_NAME, now) > 0

    def succeeded(self, name: str) -> None:
        """Forget the failures under a name."""
        with self._lock:
            self._failures.pop(("name", name), None)

    def _wait(self, key: tuple[str, str], most: int, now: float) -> float:
        recent = [at for at in self._failures.get(key, ()) if at > now - WINDOW_S]
        return 0.0 if len(recent) < most else recent[-most] + WINDOW_S - now
