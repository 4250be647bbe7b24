"""`/local/v1/…`: the telemetry port for commands on the same machine, by the user of this process.

Who asks proves that they know the secret of `serving.json`. A browser can neither do that nor would
it be let in: nothing with an Origin is answered, no cookie is looked at. A few threads of their own
answer, so that pages and commands do not wait for each other, and queries not for long work.
"""

import logging
import sys
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.telemetry.calls import CALLS, END_WORK, HOW_FAR, PING, Call, failure_body
from dashboard.telemetry.port import Telemetry
from dashboard.telemetry.proof import NONCE_HEADER, PROOF_HEADER, is_proven, proof
from dashboard.telemetry.served import FAILED, OK
from dashboard.telemetry.works import Works
from ingest.progress import Tell

MAX_BODY = 1 << 20
_QUERIES, _LONG_WORKS = 4, 2
_FORBIDDEN, _TOO_LARGE, _UNUSABLE, _BROKEN = 403, 413, 400, 500
_log = logging.getLogger(__name__)


def local_routes(telemetry: Telemetry, secret: bytes) -> list[Route]:
    """One POST route for each call of the port."""
    turns, works = _Turns(), Works()
    return [
        Route(call.path, _endpoint(call, telemetry, secret, turns, works), methods=["POST"]) for call in CALLS
    ]


class _Turns:
    """The limits, made in the event loop that uses them."""

    def __init__(self) -> None:
        self._limiters: dict[bool, CapacityLimiter] = {}

    def of(self, call: Call[Any, Any]) -> CapacityLimiter:
        return self._limiters.setdefault(
            call.is_long, CapacityLimiter(_LONG_WORKS if call.is_long else _QUERIES)
        )


def _endpoint(
    call: Call[Any, Any], telemetry: Telemetry, secret: bytes, turns: _Turns, works: Works
) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if "origin" in request.headers or not _is_local(request):
            return Response(status_code=_FORBIDDEN)
        body = await _body(request)
        if body is None:
            return Response(status_code=_TOO_LARGE)
        nonce = request.headers.get(NONCE_HEADER, "")
        if not is_proven(secret, "ask", nonce, call.name, 0, body, request.headers.get(PROOF_HEADER)):
            return Response(status_code=_FORBIDDEN)
        if call is PING:  # no query may keep the answer waiting that somebody is here
            status, content = OK, b"null"
        elif call in (HOW_FAR, END_WORK):
            status, content = _of_works(call, works, body)
        else:
            with works.begun(nonce) as tell:
                status, content = await to_thread.run_sync(
                    partial(_answered, call, telemetry, body, tell), limiter=turns.of(call)
                )
        return Response(
            content,
            status_code=status,
            media_type="application/json",
            headers={PROOF_HEADER: proof(secret, "answer", nonce, call.name, status, content)},
        )

    return endpoint


def _of_works(call: Call[Any, Any], works: Works, body: bytes) -> tuple[int, bytes]:
    """How far the work of another request is, or its end; neither waits for anything."""
    try:
        name = call.question().validate_json(body)
    except ValueError as error:
        return _unexpected(call, error, _UNUSABLE)
    if call is END_WORK:
        works.end(name)
        return OK, b"null"
    return OK, call.answer().dump_json(works.how_far(name))


def _answered(call: Call[Any, Any], telemetry: Telemetry, body: bytes, tell: Tell) -> tuple[int, bytes]:
    """The answer, or the failure in words; what is no failure of the port goes to the log."""
    try:
        return OK, call.answered(telemetry.telling(tell) if call.is_long else telemetry, body)
    except ValueError as error:
        return _unexpected(call, error, _UNUSABLE)
    except Exception as error:  # noqa: BLE001  whatever broke, the caller is told, and the server goes on
        said = failure_body(error)
        return (FAILED, said) if said is not None else _unexpected(call, error, _BROKEN)


def _unexpected(call: Call[Any, Any], error: Exception, status: int) -> tuple[int, bytes]:
    _log.error("the local call %s broke", call.name, exc_info=error)
    # Where no log was set up, whoever serves still has to see it.
    print(f"slotgate: the local call {call.name} broke: {error!r}", file=sys.stderr)  # noqa: T201  as said
    return status, b"{}"


def _is_local(request: Request) -> bool:
    """Who comes from loopback, or from the very address that was called, is on this machine."""
    if request.client is None:
        return False
    server = request.scope.get("server")
    try:
        peer = ip_address(request.client.host)
        return peer.is_loopback or (server is not None and peer == ip_address(server[0]))
    except ValueError:
        return False


async def _body(request: Request) -> bytes | None:
    """The body; null when it is larger than any question."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BODY:
            return None
    return b"".join(pieces)
