"""`slotgate operators password`: a person sets their own password, proven by their personal token."""

import getpass
import sys
import time
from argparse import Namespace

from dashboard.auth.passwords import hashed, unfit
from dashboard.auth.sessions import Sessions
from dashboard.cli.guarded import Guarded, put, say, write
from gates.errors import InvalidChange, NotSignedIn
from gates.policy.intent import Actor
from gates.store.rows import AuditEntry

_LOCAL = "local|"


def set_password(guarded: Guarded, actor: Actor, arguments: Namespace) -> int:
    """Keep the hash, end the sessions, put it on record. Raises `NotSignedIn`, `InvalidChange`."""
    name: str = arguments.operator
    if name != actor.actor_id:
        raise NotSignedIn(
            f"the token is `{actor.actor_id}`'s: everybody sets their own password, with their own token; "
            "`slotgate tokens create` makes one"
        )
    if not name.startswith(_LOCAL):
        raise InvalidChange(f"`{name}` signs in with their provider; only local accounts have a password")
    password = _asked()
    reason = unfit(password)
    if reason is not None:
        raise InvalidChange(reason)
    now_ns = time.time_ns()
    with guarded.store.begin() as tx:
        tx.passwords.set(name, hashed(password), at_ns=now_ns)
        tx.audit.append(
            AuditEntry(
                time_ns=now_ns,
                actor=name,
                roles=tuple(sorted(actor.roles)),
                action="set password",
                target=name,
                mode=tx.settings.get("mode"),
                environment=tx.settings.get("environment"),
            )
        )
    ended = _end_sessions(Sessions(guarded.home.root / "sessions"), name)
    if arguments.json:
        put({"operator": name, "set": True, "sessionsEnded": ended})
    else:
        write(f"the password of {name} is set; sessions ended: {ended}")
    return 0


def _end_sessions(sessions: Sessions, name: str) -> int:
    try:
        found = sessions.of(name)
        for session in found:
            sessions.revoke(session.name)
    except OSError as error:
        say(f"open sessions could not be ended: {error.strerror}; `slotgate sessions end {name}`")
        return 0
    return len(found)


def _asked() -> str:
    """Twice where somebody types it, else the first line of stdin. Raises `InvalidChange`."""
    try:
        if sys.stdin is None or not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
        first = getpass.getpass("new password: ")
        if first != getpass.getpass("once more: "):
            raise InvalidChange("the two are not the same; nothing was changed")
    except (EOFError, UnicodeDecodeError) as error:
        raise InvalidChange("no password was given; nothing was changed") from error
    return first
