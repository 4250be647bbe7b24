"""What somebody has begun and not sent off, kept for their session: a page loaded anew finds it again.

In the memory of this process only, by the name of the session; a restart empties it.
"""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

KEPT = 200
Value = TypeVar("Value")


class Shelf(Generic[Value]):
    """Frozen values by session, those that were touched last. Safe to use from many threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def put(self, session: str, value: Value) -> None:
        """Keep it in place of any before."""
        with self._lock:
            self._values[session] = value
            self._values.move_to_end(session)
            while len(self._values) > self._kept:
                self._values.popitem(last=False)

    def take_down(self, session: str) -> None:
        """Keep nothing for this session."""
        with self._lock:
            self._values.pop(session, None)

    def get(self, session: str) -> Value | None:
        """What was put last, or None."""
        with self._lock:
            return self._values.get(session)
