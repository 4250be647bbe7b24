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
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses requests under a foreign host name (DNS rebinding) and adds the security headers."""

    def __init__(self, app: ASGIApp, allowed_hosts: list[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if _host_name(Headers(scope=scope).get("host", "").lower()) not in self._allowed:
            await PlainTextResponse("this server does not answer under that name\n", 421)(
                scope, receive, send
            )
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # our own pages have a stricter policy
            await send(message)

        await self._app(scope, receive, with_headers)


def _host_name(header: str) -> str:
    """The name without its port: `[::1]:8501` and `::1` are `::1`."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0] if header.count(":") <= 1 else header
