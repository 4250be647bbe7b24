"""The people of a home, their tokens and their sessions, as JSON."""

from typing import TYPE_CHECKING, Any

from gates.controls.instant import timestamp
from gates.store.rows import OperatorRow, TokenRow

if TYPE_CHECKING:
    from dashboard.auth.sessions import Session

SHOWN = 12
"""So many letters of a session's name tell it apart; nobody can open it with them."""
_LONGEST_ID = 200


def known_as(name: str) -> str | None:
    """Issuer and subject: `bob` is `local|bob`. Null for what names nobody."""
    whole = name if "|" in name else f"local|{name}"
    issuer, _, subject = whole.partition("|")
    if not issuer or not subject or not whole.isprintable() or " " in whole or len(whole) > _LONGEST_ID:
        return None
    return whole


def operator(one: OperatorRow) -> dict[str, Any]:
    """A person; `disabledAt` is null while they may act."""
    return {
        "operator": one.operator_id,
        "roles": sorted(one.roles),
        "addedBy": one.added_by,
        "addedAt": timestamp(one.added_at_ns),
        "grantedBy": one.granted_by,
        "grantedAt": timestamp(one.granted_at_ns),
        "disabledAt": None if one.disabled_at_ns is None else timestamp(one.disabled_at_ns),
    }


def state_of(one: TokenRow, now_ns: int) -> str:
    """`valid`, `expired` or `revoked`."""
    if one.revoked_at_ns is not None:
        return "revoked"
    if one.expires_at_ns is not None and now_ns >= one.expires_at_ns:
        return "expired"
    return "valid"


def token(one: TokenRow, now_ns: int) -> dict[str, Any]:
    """A token, never its secret."""
    return {
        "token": one.token_id,
        "operator": one.operator_id,
        "scope": one.scope.value,
        "state": state_of(one, now_ns),
        "createdBy": one.created_by,
        "createdAt": timestamp(one.created_at_ns),
        "expiresAt": _time(one.expires_at_ns),
        "revokedAt": _time(one.revoked_at_ns),
        "lastUsed": _time(one.last_used_ns),
    }


def session(one: "Session", now_ns: int) -> dict[str, Any]:
    """A session by the first letters of its name."""
    return {
        "session": one.name[:SHOWN],
        "operator": one.operator_id,
        "method": one.method.value,
        "standing": one.standing(now_ns).value,
        "created": timestamp(one.created_ns),
        "seen": timestamp(one.seen_ns),
        "expires": timestamp(one.expires_ns),
    }


def _time(at_ns: int | None) -> str | None:
    return None if at_ns is None else timestamp(at_ns)
