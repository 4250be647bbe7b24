"""One-time codes: how the demo lets its people in without a password. In memory, for one process."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from threading import Lock


class Codes:
    """Each code opens one session of one person."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, Callable[[str], None]]] = {}
        self._lock = Lock()

    def issue(self, operator_id: str, used: Callable[[str], None]) -> str:
        """A code for that person; `used` is called with the person once it was taken."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._waiting[_digest(code)] = (operator_id, used)
        return code

    def take(self, code: str) -> str | None:
        """Whose code it is, once; None for any other text."""
        with self._lock:
            found = self._waiting.pop(_digest(code), None)
        if found is None:
            return None
        operator_id, used = found
        used(operator_id)
        return operator_id


def _digest(code: str) -> str:
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
