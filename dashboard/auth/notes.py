"""What happens at the door, in the audit chain: sign-ins, sign-outs and refusals.

Best effort: nobody is kept from stopping because the record cannot be written. Refusals are bounded,
so that a stranger cannot fill the chain.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock

from gates.controls.instant import Clock
from gates.errors import GateError
from gates.store.port import StorePort
from gates.store.rows import AuditEntry

REFUSALS, WINDOW_S = 60, 600.0


class Notes:
    """`store` gives the open store or raises."""

    def __init__(self, store: Callable[[], StorePort], clock: Clock, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._recent: deque[float] = deque(maxlen=REFUSALS)
        self._lock = Lock()

    def put(self, actor: str, action: str, target: str, reason: str | None = None) -> None:
        """Add one record; lost where the store does not take it."""
        try:
            with self._store().begin() as tx:
                tx.audit.append(
                    AuditEntry(
                        time_ns=self._clock(),
                        actor=actor,
                        roles=(),
                        action=action,
                        target=target,
                        reason=reason,
                        mode=tx.settings.get("mode"),
                        environment=tx.settings.get("environment"),
                    )
                )
        except (GateError, OSError):
            return

    def refusal(self, actor: str, action: str, target: str, reason: str) -> None:
        """Add a refused attempt, at most sixty in ten minutes."""
        now = self._monotonic()
        with self._lock:
            if len(self._recent) == REFUSALS and now - self._recent[0] < WINDOW_S:
                return
            self._recent.append(now)
        self.put(actor, action, target, reason)
