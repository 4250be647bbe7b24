"""The port of calls with an `Idempotency-Key`. See `gates.store.port` for what every method raises."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """A call that began at `begun_at_ns`, epoch nanoseconds, by the key that a person gave it.

    `request_digest` is the SHA-256, hex, of what was asked. `status` and `body`, the JSON text that was
    answered less its secrets, are null until it ended.
    """

    operator_id: str
    key: str
    request_digest: str
    begun_at_ns: int
    status: int | None = None
    body: str | None = None


class Calls(Protocol):
    """Calls by the person who made them and the key that they gave."""

    def get(self, operator_id: str, key: str) -> CallRow | None:
        """The call of that key, or None."""

    def begin(self, call: CallRow) -> None:
        """Note that a call begins. Raises `AlreadyThere` when the person used the key before."""

    def end(self, operator_id: str, key: str, *, status: int, body: str) -> None:
        """Keep what was answered. Raises `UnknownEntry` when no call of that key began."""

    def forget(self, operator_id: str, key: str) -> None:
        """The key may be used anew; nothing happens when it was not used."""

    def forget_before(self, at_ns: int) -> None:
        """Forget every call that began before `at_ns`."""
