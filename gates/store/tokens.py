"""Personal tokens: made once, shown once, kept as a hash, judged in constant time. No I/O."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from gates.store.rows import OperatorRow, TokenRow, TokenScope

PREFIX = "slotgate"
_SECRET_BYTES = 32
_ID_BYTES = 6
_NOBODY = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class NewToken:
    """`text` is what the person keeps and nobody else ever sees again; `row` is what is stored."""

    text: str
    row: TokenRow


@dataclass(frozen=True, slots=True)
class TokenAccepted:
    """The token is good: `operator` acts."""

    token: TokenRow
    operator: OperatorRow


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """The token is not good. `reason` is for the audit; a stranger is told only that it was refused."""

    reason: str


TokenAnswer = TokenAccepted | TokenRefused


def new_token(
    operator_id: str, scope: TokenScope, *, by: str | None, now_ns: int, expires_at_ns: int | None
) -> NewToken:
    """A token of 256 random bits. Its public id stands in its text, so that a lookup compares no secret."""
    token_id = secrets.token_hex(_ID_BYTES)
    secret = secrets.token_hex(_SECRET_BYTES)
    row = TokenRow(
        token_id=token_id,
        secret_digest=_digest(secret),
        operator_id=operator_id,
        scope=scope,
        created_by=by,
        created_at_ns=now_ns,
        expires_at_ns=expires_at_ns,
        revoked_at_ns=None,
        last_used_ns=None,
    )
    return NewToken(f"{PREFIX}_{token_id}_{secret}", row)


def token_id_of(text: str) -> str | None:
    """The public id in a token's text, or None when it is no token of ours."""
    parts = text.strip().split("_")
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX and parts[1] else None


def check_token(
    text: str, row: TokenRow | None, operator: OperatorRow | None, *, needs: TokenScope, now_ns: int
) -> TokenAnswer:
    """Judge `text` against the stored token of its id and that token's operator.

    A token of scope `all` opens whatever the others open. A clock before the token's making refuses it.
    """
    secret = text.strip().rpartition("_")[2]
    same = compare_digest(_digest(secret), _NOBODY if row is None else row.secret_digest)
    if row is None or not same:
        return TokenRefused("there is no such token")
    if row.revoked_at_ns is not None:
        return TokenRefused(f"token `{row.token_id}` is revoked")
    if row.expires_at_ns is not None and now_ns >= row.expires_at_ns:
        return TokenRefused(f"token `{row.token_id}` has expired")
    if now_ns < row.created_at_ns:
        return TokenRefused(f"the clock is before the making of token `{row.token_id}`")
    if row.scope not in (TokenScope.ALL, needs):
        return TokenRefused(f"token `{row.token_id}` opens what is of scope `{row.scope}` alone")
    if operator is None or operator.operator_id != row.operator_id:
        return TokenRefused(f"the operator of token `{row.token_id}` is unknown")
    if operator.disabled_at_ns is not None:
        return TokenRefused(f"operator `{operator.operator_id}` is disabled")
    return TokenAccepted(row, operator)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
