"""Every request and websocket passes here: whose it is, and what strangers may not reach.

Pure ASGI, so that pages, Streamlit's websocket and our own routes see one and the same person:
routes in `scope`, the pages in `st.user`, by headers that no client can send.
"""

from dataclasses import dataclass
from urllib.parse import quote

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.auth.access import Access
from dashboard.auth.sessions import Standing
from dashboard.auth.threads import Threads
from dashboard.auth.visitor import Visitor

VISITOR = "slotgate.visitor"
OPERATOR_HEADER, SESSION_HEADER = "x-slotgate-operator", "x-slotgate-session"
TRUSTED_HEADERS = {OPERATOR_HEADER: "operator", SESSION_HEADER: "session"}
"""For `server.trustedUserHeaders`. `session` names a session; it cannot open one."""
# What is shown to everybody: no telemetry, no controls, no names. What programs ask checks for itself.
PUBLIC = (
    "/healthz",
    "/readyz",
    "/sign-in",
    "/stop",
    "/our/",
    "/api/",
    "/local/",
    "/hooks/",
    "/metrics",
    "/ofrep/",
    "/v1/logs",
    "/static/",
    "/favicon",
)
READING = ("GET", "HEAD", "OPTIONS")
CLOSED = 4401
RECHECK_S = 2.0
_DOORS = 16


@dataclass
class _Watch:
    """When a websocket's session was last looked at."""

    checked: float


class Doorkeeper:
    """Resolves the visitor of every scope. With `required`, pages are for people who signed in."""

    def __init__(self, app: ASGIApp, access: Access, required: bool) -> None:
        self._app = app
        self._access = access
        self._required = required and access.people
        # Of its own: a visitor must not wait behind slow requests for a thread.
        self._threads = Threads(_DOORS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer instead."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        own = {**scope, "headers": _without_identity(scope["headers"])}
        if not any(str(own["path"]).startswith(prefix) for prefix in PUBLIC):
            visitor = await self._visitor(own)
            refusal = self._refusal(own, visitor)
            if refusal is not None:
                await refusal(own, receive, send)
                return
            own[VISITOR] = visitor
            own["headers"] += _identity(visitor)
            if own["type"] == "websocket":
                await self._watched(own, receive, send)
                return
        await self._app(own, receive, send)

    def _refusal(self, scope: Scope, visitor: Visitor | None) -> ASGIApp | None:
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            foreign = not self._access.door.is_own_page(headers)
            if foreign or (self._required and not _is_live(visitor)):
                return _turned_away
            return None
        if self._required and not _is_live(visitor):
            return _to_sign_in(scope)
        if scope["method"] not in READING and not self._access.door.is_own_page(Headers(scope=scope)):
            return PlainTextResponse("this is for pages of this server\n", 403)
        return None

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A websocket lives for hours: end it soon after its session ended."""
        watch, over = _Watch(anyio.current_time()), False

        async def is_over() -> bool:
            nonlocal over
            if self._required and not over and anyio.current_time() - watch.checked >= RECHECK_S:
                watch.checked = anyio.current_time()
                over = not _is_live(await self._visitor(scope))
            return over

        async def watched_receive() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and await is_over():
                await send({"type": "websocket.close", "code": CLOSED})
                return {"type": "websocket.disconnect", "code": CLOSED}
            return message

        async def watched_send(message: Message) -> None:
            if message["type"] == "websocket.send" and await is_over():
                return
            await send(message)

        await self._app(scope, watched_receive, watched_send)

    async def _visitor(self, scope: Scope) -> Visitor | None:
        return await self._threads.run(self._access.visitor, Headers(scope=scope), _peer(scope))


def _is_live(visitor: Visitor | None) -> bool:
    return visitor is not None and visitor.standing is Standing.LIVE


def _peer(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if not client else str(client[0])


def _without_identity(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {OPERATOR_HEADER.encode(), SESSION_HEADER.encode()}
    # Streamlit and proxies read `_` as `-` in no case, but some servers before us might.
    return [(name, value) for name, value in headers if name.lower().replace(b"_", b"-") not in ours]


def _identity(visitor: Visitor | None) -> list[tuple[bytes, bytes]]:
    if visitor is None:
        return []
    found = [(OPERATOR_HEADER.encode(), quote(visitor.operator_id, safe="|:/@.").encode())]
    if visitor.session is not None:
        found.append((SESSION_HEADER.encode(), visitor.session.encode()))
    return found


def _to_sign_in(scope: Scope) -> Response:
    """People are led to the sign-in and back; programs are told."""
    if scope["method"] != "GET" or "text/html" not in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse("sign in first\n", 401, headers={"Cache-Control": "no-store"})
    wanted = str(scope["path"]) + (
        f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    )
    target = "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}"
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})


async def _turned_away(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": CLOSED})
