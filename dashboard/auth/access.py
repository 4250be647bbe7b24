"""The desk at the door: who a request is by. Blocking: call it in a thread."""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

from dashboard.auth.attempts import Attempts
from dashboard.auth.codes import Codes
from dashboard.auth.config import SignIn
from dashboard.auth.directory import Barred, Directory, Known
from dashboard.auth.door import Door
from dashboard.auth.key import signing_key
from dashboard.auth.notes import Notes
from dashboard.auth.proof import Proof, sealed, unsealed
from dashboard.auth.sessions import KILL_GRACE_NS, Opened, Session, Sessions, Standing
from dashboard.auth.visitor import Visitor, short
from gates.changes.belonging import Place, open_store
from gates.controls.instant import Clock
from gates.home import Home
from gates.policy.intent import Role
from gates.policy.rules.safety import NARROWING_ROLES
from gates.store.port import StorePort

BUSY_SECONDS = 0.2
"""How long the door waits for a store that somebody else holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything the door of one home knows.

    `people` is false for a home without a store. Nobody can sign in there; its pages may be looked
    at on this machine, and nothing can be changed through them.
    """

    home: Home
    place: Place
    door: Door
    config: SignIn
    people: bool
    key: bytes
    sessions: Sessions
    directory: Directory
    notes: Notes
    attempts: Attempts
    codes: Codes
    clock: Clock
    _roles_behind_proxy: dict[str, frozenset[Role]] = field(default_factory=dict)

    def visitor(self, headers: Headers, peer: str | None) -> Visitor | None:
        """Who asks, or None. A session that was ended is nobody's."""
        by_cookie = self._by_cookie(headers)
        named = self._named_by_proxy(headers, peer)
        if named is None or (by_cookie is not None and by_cookie.operator_id == named):
            return by_cookie
        return self.named(named)

    def again(self, session: str) -> Visitor | None:
        """The person of a session as they stand now: pages ask this before every command."""
        try:
            found = self.sessions.get(session)
        except OSError:
            return None
        visitor = None if found is None else self._of(found)
        return visitor if visitor is not None and visitor.standing is Standing.LIVE else None

    def cookie_for(self, opened: Opened) -> str:
        """What the browser gets to keep."""
        session = opened.session
        may_stop = bool(session.roles & NARROWING_ROLES)
        return sealed(Proof(opened.session_id, session.operator_id, may_stop, session.expires_ns), self.key)

    def close(self) -> None:
        """Let go of the store."""
        self.directory.close()

    def _by_cookie(self, headers: Headers) -> Visitor | None:
        proof = unsealed(_cookie(headers, self.door.cookie), self.key)
        if proof is None:
            return None
        try:
            session = self.sessions.get(proof.name)
        except OSError:
            return self._by_proof_alone(proof)
        return None if session is None or session.operator_id != proof.operator_id else self._of(session)

    def _of(self, session: Session) -> Visitor | None:
        standing = session.standing(self.clock())
        if standing is Standing.OVER:
            return None
        entry = self.directory.look_up(session.operator_id)
        if isinstance(entry, Barred):
            return None
        if standing is Standing.LIVE:
            self.sessions.touch(session)
        known = isinstance(entry, Known)
        return Visitor(
            operator_id=session.operator_id,
            label=session.label,
            roles=entry.roles if isinstance(entry, Known) else session.roles,
            roles_known=known,
            standing=standing,
            session=session.name,
            authenticated_ns=session.authenticated_ns,
            expires_ns=session.expires_ns,
        )

    def _by_proof_alone(self, proof: Proof) -> Visitor | None:
        """The sessions cannot be read: what we signed is enough for a kill, and for nothing else."""
        if self.clock() >= proof.expires_ns + KILL_GRACE_NS:
            return None
        return Visitor(
            operator_id=proof.operator_id,
            label=short(proof.operator_id),
            roles=frozenset({Role.ONCALL}) if proof.may_stop else frozenset(),
            roles_known=False,
            standing=Standing.KILL_ONLY,
            session=None,
            authenticated_ns=0,
            expires_ns=proof.expires_ns,
        )

    def _named_by_proxy(self, headers: Headers, peer: str | None) -> str | None:
        proxy = self.config.proxy
        if proxy is None or not proxy.is_peer(peer):
            return None
        named = headers.getlist(proxy.header)
        if len(named) != 1 or not named[0] or not named[0].isprintable() or " " in named[0]:
            return None
        return f"{proxy.issuer}|{named[0]}"

    def named(self, operator_id: str) -> Visitor | None:
        """The person whom a trusted proxy names, as they stand now."""
        entry = self.directory.look_up(operator_id)
        if isinstance(entry, Barred):
            self._roles_behind_proxy.pop(operator_id, None)
            return None
        if isinstance(entry, Known):
            self._roles_behind_proxy[operator_id] = entry.roles
        return Visitor(
            operator_id=operator_id,
            label=short(operator_id),
            roles=self._roles_behind_proxy.get(operator_id, frozenset()),
            roles_known=isinstance(entry, Known),
            standing=Standing.LIVE,
            session=None,
            authenticated_ns=0,
            expires_ns=None,
        )


def open_access(
    home: Home,
    place: Place,
    door: Door,
    config: SignIn,
    *,
    clock: Clock = time.time_ns,
    monotonic: Callable[[], float] = time.monotonic,
) -> Access:
    """The door of `home`, whose store is at `place`."""

    def opened() -> StorePort:
        return open_store(home, place, BUSY_SECONDS)

    directory = Directory(opened, monotonic)
    sessions = Sessions(home.root / "sessions", clock)
    sessions.prune()
    people = place != home.store or os.path.lexists(home.store) or os.path.lexists(home.store_owner)
    return Access(
        home=home,
        place=place,
        door=door,
        config=config,
        people=people,
        key=signing_key(home.root / "session.key") if people else secrets.token_bytes(),
        sessions=sessions,
        directory=directory,
        notes=Notes(directory.store, clock, monotonic),
        attempts=Attempts(monotonic),
        codes=Codes(),
        clock=clock,
    )


def _cookie(headers: Headers, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    for line in headers.getlist("cookie"):
        with suppress(CookieError):
            jar.load(line)
    return jar[name].value if name in jar else ""
