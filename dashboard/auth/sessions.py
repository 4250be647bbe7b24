"""Server-side sessions: one small file each, named by the hash of its id, in the home's `sessions` folder.

They survive a restart, any process of this user can end one, and they need no database: a kill is
accepted while `gate.db` is locked or damaged. A file's own time says when the session was last used.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from gates.controls import durable
from gates.controls.instant import Clock
from gates.policy.intent import Role

SECOND = 1_000_000_000
LIFE_NS = 8 * 3600 * SECOND
IDLE_NS = 3600 * SECOND
KILL_GRACE_NS = 7 * 24 * 3600 * SECOND
_TOUCH_NS = 60 * SECOND
_SUFFIX = ".json"


class Method(StrEnum):
    """How a person signed in."""

    PASSWORD = "password"  # noqa: S105  a word, no secret
    TOKEN = "token"  # noqa: S105  likewise
    CODE = "code"
    OIDC = "oidc"


class Standing(StrEnum):
    """What a session is still good for. `KILL_ONLY`: it ran out, and was not ended by anybody."""

    LIVE = "live"
    KILL_ONLY = "kill only"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as kept. `name` is the SHA-256 of its id; `roles` are those held when signing in.

    Times are epoch nanoseconds. `authenticated_ns`: when the person last proved who they are.
    `seen_ns` is coarse: it moves once a minute.
    """

    name: str
    operator_id: str
    label: str
    roles: frozenset[Role]
    method: Method
    created_ns: int
    authenticated_ns: int
    expires_ns: int
    seen_ns: int
    revoked_ns: int | None = None

    def standing(self, now_ns: int) -> Standing:
        """A clock that was set back makes nobody younger: then it is good for a kill alone."""
        if self.revoked_ns is not None or now_ns >= self.expires_ns + KILL_GRACE_NS:
            return Standing.OVER
        if not self.created_ns - _TOUCH_NS <= now_ns < self.expires_ns or now_ns >= self.seen_ns + IDLE_NS:
            return Standing.KILL_ONLY
        return Standing.LIVE


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session and its id, which only the cookie holds from now on."""

    session_id: str
    session: Session


class Sessions:
    """The sessions of a home. Every call reads the file: what another process ended is over at once.

    Where the disk cannot take one, it is kept in memory and ends with the process.
    """

    def __init__(self, folder: Path, clock: Clock = time.time_ns) -> None:
        self._folder = folder
        self._clock = clock
        self._unwritten: dict[str, Session] = {}

    def open(self, operator_id: str, label: str, roles: frozenset[Role], method: Method) -> Opened:
        """A session for somebody who has just proved who they are."""
        now_ns, session_id = self._clock(), secrets.token_urlsafe(32)
        session = Session(
            name=sha256(session_id.encode()).hexdigest(),
            operator_id=operator_id,
            label=label,
            roles=roles,
            method=method,
            created_ns=now_ns,
            authenticated_ns=now_ns,
            expires_ns=now_ns + LIFE_NS,
            seen_ns=now_ns,
        )
        self._keep(session)
        return Opened(session_id, session)

    def get(self, name: str) -> Session | None:
        """The session of that name, or None. Raises `OSError` when that cannot be known."""
        if name in self._unwritten:
            return self._unwritten[name]
        try:
            with self._path(name).open("rb") as file:
                data, seen_ns = file.read(), os.fstat(file.fileno()).st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _parsed(name, data, seen_ns)

    def touch(self, session: Session) -> None:
        """Note that it is in use."""
        now_ns = self._clock()
        if now_ns - session.seen_ns < _TOUCH_NS:
            return
        if session.name in self._unwritten:
            self._unwritten[session.name] = replace(session, seen_ns=now_ns)
            return
        with suppress(OSError):
            os.utime(self._path(session.name), ns=(now_ns, now_ns))

    def revoke(self, name: str) -> None:
        """End a session for good, also for a kill. Raises `OSError`: then it is not ended."""
        session = self.get(name)
        if session is not None and session.revoked_ns is None:
            over = replace(session, revoked_ns=self._clock())
            if name in self._unwritten:
                self._unwritten[name] = over
            else:
                self._write(over)

    def of(self, operator_id: str) -> tuple[Session, ...]:
        """Every session of a person that is not over. Raises `OSError`."""
        now_ns = self._clock()
        return tuple(
            one
            for one in self.all()
            if one.operator_id == operator_id and one.standing(now_ns) is not Standing.OVER
        )

    def all(self) -> Iterator[Session]:
        """Every session, in no order. Raises `OSError`."""
        yield from self._unwritten.values()
        if self._folder.is_dir():
            for path in self._folder.glob(f"*{_SUFFIX}"):
                session = self.get(path.stem)
                if session is not None:
                    yield session

    def prune(self) -> None:
        """Forget what is over even for a kill."""
        now_ns = self._clock()
        with suppress(OSError):
            for session in list(self.all()):
                if now_ns >= session.expires_ns + KILL_GRACE_NS:
                    self._unwritten.pop(session.name, None)
                    self._path(session.name).unlink(missing_ok=True)

    def _keep(self, session: Session) -> None:
        try:
            durable.make_folder(self._folder)
            self._write(session)
        except OSError:
            self._unwritten[session.name] = session

    def _write(self, session: Session) -> None:
        document = {
            "operator": session.operator_id,
            "label": session.label,
            "roles": sorted(session.roles),
            "method": session.method.value,
            "created_ns": session.created_ns,
            "authenticated_ns": session.authenticated_ns,
            "expires_ns": session.expires_ns,
            "revoked_ns": session.revoked_ns,
        }
        path = self._path(session.name)
        durable.replace(path, json.dumps(document).encode(), lambda: None)
        durable.sync_folder(self._folder)
        os.utime(path, ns=(session.seen_ns, session.seen_ns))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"


def _parsed(name: str, data: bytes, seen_ns: int) -> Session | None:
    """A file that is no session opens nothing."""
    try:
        found: dict[str, Any] = json.loads(data)
        return Session(
            name=name,
            operator_id=str(found["operator"]),
            label=str(found["label"]),
            roles=frozenset(map(Role, found["roles"])),
            method=Method(found["method"]),
            created_ns=int(found["created_ns"]),
            authenticated_ns=int(found["authenticated_ns"]),
            expires_ns=int(found["expires_ns"]),
            seen_ns=seen_ns,
            revoked_ns=None if found["revoked_ns"] is None else int(found["revoked_ns"]),
        )
    except (ValueError, TypeError, KeyError):
        return None
