"""What the store says of a person now; asked again after a second, and never waited for much longer."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from gates.errors import GateError
from gates.policy.intent import Role
from gates.store.port import StorePort

FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """An operator of this home with these roles now."""

    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Barred:
    """Nobody of this home, or disabled; `why` is for the record."""

    why: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The store does not answer."""

    why: str


Entry = Known | Barred | Unreadable


class Directory:
    """`open_store` gives the store, to be kept; it is tried again as long as it fails."""

    def __init__(self, open_store: Callable[[], StorePort], monotonic: Callable[[], float]) -> None:
        self._open_store = open_store
        self._monotonic = monotonic
        self._store: StorePort | None = None
        self._cache: dict[str, tuple[float, Entry]] = {}
        self._lock = Lock()

    def store(self) -> StorePort:
        """The opened store. Raises a `StoreError`."""
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def look_up(self, operator_id: str) -> Entry:
        """What is known of that person, at most a second old."""
        with self._lock:
            now = self._monotonic()
            at, entry = self._cache.get(operator_id, (now - FRESH_S, None))
            if entry is None or now - at >= FRESH_S:
                entry = self._asked(operator_id)
                if len(self._cache) > 1_000:
                    self._cache.clear()
                self._cache[operator_id] = (self._monotonic(), entry)
            return entry

    def forget(self, operator_id: str) -> None:
        """Ask anew the next time."""
        with self._lock:
            self._cache.pop(operator_id, None)

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            with suppress(GateError):
                close = getattr(self._store, "close", None)
                if close is not None:
                    close()
            self._store = None

    def _asked(self, operator_id: str) -> Entry:
        try:
            with self.store().read() as tx:
                row = tx.operators.get(operator_id)
        except (GateError, OSError) as error:
            return Unreadable(str(error))
        if row is None:
            return Barred(f"there is no operator `{operator_id}`")
        if row.disabled_at_ns is not None:
            return Barred(f"operator `{operator_id}` is disabled")
        return Known(row.roles)
