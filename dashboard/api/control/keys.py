"""`Idempotency-Key`: a call that is sent again is not done again.

After draft-ietf-httpapi-idempotency-key-header-07:

no such key                          noted, then done, then its answer is kept for 24 h
the same call, which has ended       its answer again, less the secrets in it
another call with the same key       422
the same call, which still runs      409
the same call, which never ended     409: the process died between; nobody does it a second time unseen
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from hashlib import sha256
from threading import Lock
from typing import Any

from dashboard.api.problem import Refused
from gates.controls.instant import Clock
from gates.store.call_port import CallRow
from gates.store.port import StorePort
from schemas.instant import SECOND

HEADER, REPLAYED = "idempotency-key", "Idempotency-Replayed"
KEPT_NS = 24 * 3600 * SECOND
SECRETS = frozenset({"token"})
"""Members of an answer that are shown once and kept nowhere."""
_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
_RUNS = "a call with this key still runs; wait for its answer"
_UNKNOWN = (
    "a call with this key began and its outcome is unknown; look at GET /api/v1/controls and "
    "/api/v1/audit for what was done, then send a new key"
)


class Begun(Enum):
    """The call is to be done."""

    NOW = auto()


@dataclass(frozen=True, slots=True)
class Kept:
    """The call was done before: what was answered."""

    status: int
    body: Mapping[str, Any]


def key_of(header: str | None) -> str | None:
    """The key that was sent, bare or as a quoted string; null where none was. Raises `Refused`."""
    if header is None:
        return None
    bare = header.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    if not _KEY.fullmatch(bare):
        raise Refused(400, "idempotency-key", "an Idempotency-Key is 1 to 255 printable ASCII characters")
    return bare


def digest_of(method: str, target: str, body: bytes) -> str:
    """What tells one call from another: SHA-256, hex, of method, path with query, and body."""
    return sha256(b"\0".join((method.encode(), target.encode(), body))).hexdigest()


class Keys:
    """The calls of one home. Blocking. What the store raises is raised, and then nothing was begun."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[tuple[str, str], str] = {}
        self._lock = Lock()

    def begin(self, store: StorePort, operator_id: str, key: str, digest: str) -> Begun | Kept:
        """Note that the call begins, or give what was answered before. Raises `Refused`."""
        with self._lock:
            running = self._running.get((operator_id, key))
            if running is None:
                self._running[operator_id, key] = digest
        if running == digest:
            raise Refused(409, "still-running", _RUNS, {"Retry-After": "1"})
        if running is not None:
            raise _reused()
        found: CallRow | Begun | None = None
        try:
            found = self._noted(store, operator_id, key, digest)
        finally:
            if found is not Begun.NOW:
                self.leave(operator_id, key)
        if isinstance(found, Begun):
            return found
        if found.request_digest != digest:
            raise _reused()
        if found.status is None or found.body is None:
            raise Refused(409, "outcome-unknown", _UNKNOWN)
        return Kept(found.status, json.loads(found.body))

    def _noted(self, store: StorePort, operator_id: str, key: str, digest: str) -> CallRow | Begun:
        now_ns = self._clock()
        with store.begin() as tx:
            tx.calls.forget_before(now_ns - KEPT_NS)
            found = tx.calls.get(operator_id, key)
            if found is not None:
                return found
            call = CallRow(operator_id=operator_id, key=key, request_digest=digest, begun_at_ns=now_ns)
            tx.calls.begin(call)
        return Begun.NOW

    def end(self, store: StorePort, operator_id: str, key: str, status: int, body: Mapping[str, Any]) -> None:
        """Keep what was answered, less its secrets."""
        shown = {name: value for name, value in body.items() if name not in SECRETS}
        with store.begin() as tx:
            tx.calls.end(operator_id, key, status=status, body=json.dumps(shown))

    def forget(self, store: StorePort, operator_id: str, key: str) -> None:
        """Nothing was done: the key may be used again."""
        with store.begin() as tx:
            tx.calls.forget(operator_id, key)

    def leave(self, operator_id: str, key: str) -> None:
        """The call runs no more, however it went."""
        with self._lock:
            self._running.pop((operator_id, key), None)


def _reused() -> Refused:
    words = "this Idempotency-Key was used for another call; take a new one for each call"
    return Refused(422, "idempotency-key-reused", words)
