"""Verification of the whole chain in the background: one at a time, with progress. It changes nothing."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from gates.store.audit.keeper import known_heads
from gates.store.audit.verify import Verification, verify
from gates.store.port import Transaction
from gates.store.rows import AuditRecord

_BREATH, _BREATH_SECONDS = 200, 0.0005
"""After so many records the others get a turn: a stop must not wait for arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found, when it ended (epoch nanoseconds), and against how many checkpoints of the store."""

    found: Verification
    ended_ns: int
    took_s: float
    heads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyState:
    """`checked` records `of` so many, while it runs. `last` is the newest result of this process."""

    running: bool = False
    checked: int = 0
    of: int = 0
    last: Verified | None = None
    failure: str | None = None


class Verifying:
    """One verification at a time. `read` opens a transaction on the store."""

    def __init__(
        self, read: Callable[[], AbstractContextManager[Transaction]], clock: Callable[[], int]
    ) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._state = VerifyState()

    @property
    def state(self) -> VerifyState:
        """How far it is; a frozen value."""
        return self._state

    def start(self) -> bool:
        """Begin, unless one runs already; whether it began."""
        with self._lock:
            if self._state.running:
                return False
            self._state = replace(self._state, running=True, checked=0, of=0, failure=None)
        threading.Thread(target=self.verify, name="audit verification", daemon=True).start()
        return True

    def verify(self) -> None:
        """One verification, in the caller's thread. Never raises."""
        began = time.monotonic()
        try:
            with self._read() as tx:
                tail, heads = tx.audit.tail(), known_heads(tx)
                self._state = replace(self._state, of=0 if tail is None else tail.seq)
                found = verify(self._counted(tx.audit.iterate()), heads)
            took = time.monotonic() - began
            last = Verified(found=found, ended_ns=self._clock(), took_s=took, heads=len(heads))
            self._state = replace(self._state, running=False, last=last)
        except Exception as error:  # noqa: BLE001 - the page says it, and one may try again
            self._state = replace(self._state, running=False, failure=str(error) or type(error).__name__)

    def _counted(self, records: Iterable[AuditRecord]) -> Iterator[AuditRecord]:
        for number, record in enumerate(records, 1):
            if number % _BREATH == 0:
                self._state = replace(self._state, checked=number)
                time.sleep(_BREATH_SECONDS)
            yield record
