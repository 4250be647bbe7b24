import asyncio

import pytest
from starlette.types import Message, Scope

from dashboard.server.middleware import Guard

ALLOWED = ["127.0.0.1", "::1", "localhost"]


def answer(scope: Scope) -> list[Message]:
    """What the guard sends for `scope` before an application that answers 200."""
    sent: list[Message] = []

    async def application(scope: Scope, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"ok"})  # type: ignore[operator]

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(application, ALLOWED)(scope, receive, send))
    return sent


def scope(host: bytes | None) -> Scope:
    headers = [] if host is None else [(b"host", host)]
    return {"type": "http", "method": "GET", "path": "/", "headers": headers, "extensions": {}}


@pytest.mark.parametrize(
    "host", [b"127.0.0.1:8501", b"localhost", b"[::1]:8501", b"[::1]", b"LOCALHOST:8501"]
)
def test_our_names_pass_and_get_the_security_headers(host: bytes) -> None:
    start = answer(scope(host))[0]
    assert start["status"] == 200
    headers = dict(start["headers"])
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    "host", [None, b"", b"evil.example", b"evil.example:8501", b"127.0.0.1.evil.example", b"[::2]"]
)
def test_foreign_names_are_refused(host: bytes | None) -> None:
    assert answer(scope(host))[0]["status"] == 421
