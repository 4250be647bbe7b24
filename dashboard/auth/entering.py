"""The ways in and the way out. Each gives a new session; whoever is refused learns no more than that."""

from dashboard.auth.access import Access
from dashboard.auth.directory import Known
from dashboard.auth.errors import SignInRefused
from dashboard.auth.oidc import Person
from dashboard.auth.passwords import fits
from dashboard.auth.sessions import Method, Opened, Standing
from dashboard.auth.visitor import Visitor, short
from gates.errors import GateError
from gates.policy.intent import Role
from gates.store.port import StorePort
from gates.store.rows import TokenScope
from gates.store.tokens import TokenAccepted, check_token, token_id_of

_LOCAL = "local"
_REFUSED = "that name and password do not belong together; a personal token opens as well"
_NO_STORE = "the store of this home cannot be read, so nobody can sign in; `slotgate kill` still stops"


def by_password(access: Access, name: str, password: str, address: str) -> Opened:
    """A local person. Raises `SignInRefused`."""
    operator_id = name if "|" in name else f"{_LOCAL}|{name}"
    wait_s = access.attempts.wait_s(operator_id, address)
    if wait_s > 0:
        raise SignInRefused(
            "too many attempts with this name or from this address; wait a quarter of an hour, or sign "
            "in with a personal token. A kill needs neither: use a session, a kill token, or the shell",
            wait_s,
        )
    try:
        with _store(access).read() as tx:
            stored = tx.passwords.get(operator_id)
    except GateError as error:
        raise SignInRefused(_NO_STORE) from error
    if not fits(password, stored) or not isinstance(access.directory.look_up(operator_id), Known):
        locked = access.attempts.failed(operator_id, address)
        reason = "too many wrong passwords: locked for a quarter of an hour" if locked else "wrong password"
        # Not the name as typed: a password typed into the wrong field would stay for ever.
        target = operator_id if stored is not None else "somebody unknown"
        access.notes.refusal("system|sign-in", "sign in refused", target, f"{reason}, from {address}")
        raise SignInRefused(_REFUSED)
    access.attempts.succeeded(operator_id)
    return _admitted(access, operator_id, short(operator_id), Method.PASSWORD, address)


def by_token(access: Access, text: str, address: str) -> Opened:
    """Whoever holds a personal token. Raises `SignInRefused`."""
    token_id, now_ns = token_id_of(text), access.clock()
    try:
        with _store(access).read() as tx:
            row = None if token_id is None else tx.tokens.get(token_id)
            operator = None if row is None else tx.operators.get(row.operator_id)
    except GateError as error:
        raise SignInRefused(_NO_STORE) from error
    answer = check_token(text, row, operator, needs=TokenScope.ALL, now_ns=now_ns)
    if not isinstance(answer, TokenAccepted):
        target = "token" if row is None else f"token {row.token_id}"
        access.notes.refusal("system|sign-in", "sign in refused", target, f"{answer.reason}, from {address}")
        raise SignInRefused("the token was refused; a kill token opens the page /stop alone")
    operator_id = answer.operator.operator_id
    return _admitted(access, operator_id, short(operator_id), Method.TOKEN, address)


def by_code(access: Access, code: str, address: str) -> Opened:
    """Whoever holds a one-time code of this process. Raises `SignInRefused`."""
    operator_id = access.codes.take(code) if access.door.loopback else None
    if operator_id is None:
        access.notes.refusal("system|sign-in", "sign in refused", "one-time link", f"from {address}")
        raise SignInRefused("this link was used before, or is none; take the newest one that was printed")
    return _admitted(access, operator_id, short(operator_id), Method.CODE, address)


def by_provider(access: Access, person: Person, address: str) -> Opened:
    """Whom the OpenID provider names; roles that it says are written down. Raises `SignInRefused`."""
    if person.roles is not None:
        try:
            _take_over_roles(access, person.operator_id, person.roles)
        except GateError as error:
            raise SignInRefused(_NO_STORE) from error
    return _admitted(access, person.operator_id, person.label, Method.OIDC, address)


def leave(access: Access, visitor: Visitor) -> None:
    """End a session. Raises `OSError`: then it goes on."""
    if visitor.session is not None:
        access.sessions.revoke(visitor.session)
        access.notes.put(visitor.operator_id, "sign out", "session")


def end_all(access: Access, operator_id: str) -> int:
    """End every session of a person; how many there were. Raises `OSError`."""
    sessions = access.sessions.of(operator_id)
    for session in sessions:
        access.sessions.revoke(session.name)
    return len(sessions)


def is_signed_in(visitor: Visitor | None) -> bool:
    """Whether somebody may see the pages."""
    return visitor is not None and visitor.standing is Standing.LIVE


def _admitted(access: Access, operator_id: str, label: str, method: Method, address: str) -> Opened:
    access.directory.forget(operator_id)
    entry = access.directory.look_up(operator_id)
    if not isinstance(entry, Known):
        access.notes.refusal("system|sign-in", "sign in refused", operator_id, entry.why)
        raise SignInRefused("you are not one of the people of this home; ask an admin to add you")
    opened = access.sessions.open(operator_id, label, entry.roles, method)
    access.notes.put(operator_id, "sign in", "session", f"by {method.value}, from {address}")
    return opened


def _take_over_roles(access: Access, operator_id: str, roles: frozenset[Role]) -> None:
    """The provider is who grants here. Somebody disabled by hand stays so."""
    by, now_ns = f"oidc|{operator_id.partition('|')[0]}", access.clock()
    with _store(access).read() as tx:
        row = tx.operators.get(operator_id)
    if row is not None and (row.disabled_at_ns is not None or row.roles == roles):
        return
    with _store(access).begin() as tx:
        if row is None:
            tx.operators.add(operator_id, roles, by=by, at_ns=now_ns)
        else:
            tx.operators.set_roles(operator_id, roles, by=by, at_ns=now_ns)
    before = "nobody" if row is None else ", ".join(sorted(row.roles)) or "no role"
    after = ", ".join(sorted(roles)) or "no role"
    access.notes.put(by, "roles from provider", operator_id, f"{before} -> {after}")


def _store(access: Access) -> StorePort:
    return access.directory.store()
