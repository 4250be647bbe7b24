"""The server over HTTP. A call is bounded in time and size as a whole, and goes to that server alone."""

import json
import time
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2

from dashboard.errors import AddressRefused, CallDenied, Unreachable
from dashboard.worker.task_server import Claimed

_MOST_BYTES = 8 << 20
_AGAIN = (408, 425, 429, 500, 502, 503, 504)


class HttpTaskServer:
    """See `dashboard.worker.task_server.TaskServer`. `seconds` bounds each call.

    Raises `AddressRefused` for a URL that would carry the token in the clear beyond this machine. Proxies of
    the environment are not asked, redirects not followed.
    """

    def __init__(self, url: str, token: str, seconds: float) -> None:
        self._url = _trusted(url)
        self._seconds = seconds
        headers = {"Authorization": f"Bearer {token}", "X-Slotgate-Request": "1"}
        self._client = httpx2.Client(headers=headers, timeout=seconds, trust_env=False)

    def claim(self, lease_seconds: int) -> Claimed | None:
        """One POST."""
        body = self._post("/api/tasks-mutations/claim", {"lease_seconds": lease_seconds})
        try:
            task = body["task"]
            return None if task is None else Claimed(task["task_id"], task["run"], body["job_spec"])
        except (KeyError, TypeError):
            raise Unreachable(f"`{self._url}` answered what is no task; name a slotgate server") from None

    def heartbeat(self, claimed: Claimed, lease_seconds: int) -> None:
        """One POST."""
        self._post("/api/tasks-mutations/heartbeat", {**_run(claimed), "lease_seconds": lease_seconds})

    def release(self, claimed: Claimed) -> None:
        """One POST."""
        self._post("/api/tasks-mutations/release", _run(claimed))

    def hand_in(self, claimed: Claimed, artifact: dict[str, Any]) -> None:
        """One POST."""
        self._post("/api/artifacts", {**_run(claimed), "artifact": artifact})

    def complete(self, claimed: Claimed) -> None:
        """One POST."""
        self._post("/api/tasks/complete", _run(claimed))

    def fail(self, claimed: Claimed, reason: str) -> None:
        """One POST."""
        self._post("/api/tasks/fail", {**_run(claimed), "reason": reason})

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        until = time.monotonic() + self._seconds
        data = bytearray()
        try:
            with self._client.stream("POST", f"{self._url}{path}", json=body) as answer:
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > _MOST_BYTES or time.monotonic() > until:
                        raise Unreachable(f"`{self._url}` answers without end; look at the server")
        except httpx2.HTTPError as error:
            raise Unreachable(f"`{self._url}` cannot be reached: {_words(error)}; start it") from error
        found = _object(bytes(data))
        if answer.status_code in _AGAIN:
            raise Unreachable(f"`{self._url}` cannot answer now: {_detail(found, answer.status_code)}")
        if not 200 <= answer.status_code < 300:
            raise CallDenied(str(found.get("reason_code", "")), _detail(found, answer.status_code))
        return found


def _trusted(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        return url.rstrip("/")
    raise AddressRefused(f"`{url}` is no address for a token; give https://…, or http:// on this machine")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _run(claimed: Claimed) -> dict[str, Any]:
    return {"task_id": claimed.task_id, "run": claimed.run}


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _detail(found: dict[str, Any], status: int) -> str:
    return str(found.get("detail") or f"status {status}")


def _words(error: httpx2.HTTPError) -> str:
    return str(error).lower() or type(error).__name__
