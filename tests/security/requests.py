"""Requests as they are written, and the session of whoever sends them."""

import http.client
import json

from tests.dashboard.server.processes import Served


def asked(
    served: Served, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """One request as written: nothing tidies the path."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def signed_in(served: Served, token: str) -> dict[str, str]:
    """The header that carries a session of the token's holder."""
    status, headers, _ = asked(
        served,
        "POST",
        "/api/v1/sign-in",
        {"X-Slotgate-Request": "1", "Origin": served.url, "Content-Type": "application/json"},
        json.dumps({"token": token}).encode(),
    )
    assert status == 200
    return {"Cookie": headers["set-cookie"].partition(";")[0]}
