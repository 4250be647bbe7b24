"""What every request and websocket passes first; whose it is, `dashboard.auth.doorkeeper` finds out.

Pure ASGI, so that it also wraps Streamlit's websocket.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Vega compiles its expressions with `Function`; emotion and our own sheet write inline styles;
# Streamlit's page sets one flag in an inline script, and makes components of blobs.
CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # A page of another port of this host is "same site": it may neither embed nor hold on to ours.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNSAID = {"Cache-Control": "no-store"}
"""Where nobody said how long an answer may be kept: files of exports, answers of Streamlit."""

_BEGINNINGS = ("http.response.start", "websocket.http.response.start")


class Guard:
    """Refuses requests under a foreign host name (DNS rebinding) and adds the security headers.

    Every answer has them, also one to a request that broke something: the log says what, the answer nothing.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: list[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began = False

        async def with_headers(message: Message) -> None:
            nonlocal began
            if message["type"] in _BEGINNINGS:
                began = True
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | UNSAID).items():
                    headers.setdefault(name, value)  # our own pages have a stricter policy
            await send(message)

        if _host_name(Headers(scope=scope).get("host", "").lower()) not in self._allowed:
            foreign = PlainTextResponse("this server does not answer under that name\n", 421)
            await foreign(scope, receive, with_headers)
            return
        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            if scope["type"] == "http" and not began:
                broke = PlainTextResponse("this broke; the server's log says where\n", 500)
                await broke(scope, receive, with_headers)
            raise


def _host_name(header: str) -> str:
    """The name without its port: `[::1]:8501` and `::1` are `::1`."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0] if header.count(":") <= 1 else header
