"""Who makes a call: the person of the session, or of the token that a program shows."""

from starlette.requests import Request

from dashboard.api.mutation import bearer
from dashboard.api.problem import Refused
from dashboard.auth.access import Access
from dashboard.auth.sessions import Standing
from dashboard.auth.visitor import Visitor, short
from gates.errors import GateError
from gates.store.rows import TokenScope
from gates.store.tokens import TokenAccepted, check_token, token_id_of

SHELL = "in a shell on the host, `slotgate kill` stops without any sign-in"


def peer(request: Request) -> str:
    """Where the connection comes from."""
    return request.client.host if request.client else "unknown"


def caller(access: Access, request: Request, *needs: TokenScope) -> Visitor | None:
    """Who calls, or None. Blocking. Raises `Refused` for a token that opens none of `needs`."""
    text = bearer(request)
    if text is None:
        return access.visitor(request.headers, request.client.host if request.client else None)
    return _holder(access, text, needs, peer(request))


def required(access: Access, request: Request, *needs: TokenScope) -> Visitor:
    """Who calls, also with a session that ran out. Blocking. Raises `Refused` when nobody known does."""
    visitor = caller(access, request, *needs)
    if visitor is None:
        raise Refused(401, "not-signed-in", f"sign in at /sign-in, or show a token; {SHELL}")
    return visitor


def entitled(access: Access, request: Request, needs: TokenScope) -> Visitor:
    """Who calls: by a token that opens what `needs` says, or by a session that is good for everything.

    Blocking. What the person may do is for whoever asked to look at. Raises `Refused`.
    """
    visitor = required(access, request, needs)
    if bearer(request) is None and visitor.standing is not Standing.LIVE:
        raise Refused(401, "session-ended", "the session ran out; sign in again")
    return visitor


def _holder(access: Access, text: str, needs: tuple[TokenScope, ...], address: str) -> Visitor:
    token_id, now_ns = token_id_of(text), access.clock()
    try:
        with access.directory.store().read() as tx:
            row = None if token_id is None else tx.tokens.get(token_id)
            operator = None if row is None else tx.operators.get(row.operator_id)
    except (GateError, OSError) as error:
        raise Refused(503, "store-unreadable", f"tokens cannot be checked: {error}; {SHELL}") from error
    opens = row.scope if row is not None and row.scope in needs else needs[0]
    answer = check_token(text, row, operator, needs=opens, now_ns=now_ns)
    if not isinstance(answer, TokenAccepted):
        target = "token" if row is None else f"token {row.token_id}"
        access.notes.refusal("system|api", "token refused", target, f"{answer.reason}, from {address}")
        raise Refused(401, "token-refused", f"the token was refused; {SHELL}")
    return Visitor(
        operator_id=answer.operator.operator_id,
        label=short(answer.operator.operator_id),
        roles=answer.operator.roles,
        roles_known=True,
        standing=Standing.LIVE if answer.token.scope is TokenScope.ALL else Standing.KILL_ONLY,
        session=None,
        authenticated_ns=now_ns,
        expires_ns=answer.token.expires_at_ns,
    )
