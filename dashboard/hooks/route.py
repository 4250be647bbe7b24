"""`POST /hooks/ci`: a build states that an item of the lists holds, or no longer does.

Only the signature counts: no cookie, no session, no address. The body is bounded and read once; what is
not signed is answered alike whatever is wrong with it. One delivery at a time.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboard.hooks.signed import HEADER, is_signed, read_secret
from dashboard.hooks.statement import Unusable, parsed
from dashboard.hooks.taking import Deliveries, take
from gates.changes.service import ChangeService
from gates.controls.instant import Clock
from gates.errors import GateError
from gates.home import Home

PATH = "/hooks/ci"
MAX_BODY = 16_384
_INVALID = 3
_OK, _UNUSABLE, _FORBIDDEN, _NOT_HERE, _TOO_LARGE, _FAILED = 200, 400, 403, 404, 413, 503

Opened = Callable[[], AbstractContextManager[ChangeService]]


def hook_routes(home: Home, opened: Opened, clock: Clock = time.time_ns) -> list[Route]:
    """The route. Without a secret in the home there is nothing to answer."""
    deliveries = Deliveries()
    limiters: list[CapacityLimiter] = []

    def taken(body: bytes) -> tuple[int, str]:
        now_ns = clock()
        try:
            stated = parsed(body, now_ns)
            if deliveries.knows(stated.delivery, now_ns):
                return _OK, "taken before; nothing was changed"
            with opened() as service:
                done = take(service, service.statements(), stated)
        except Unusable as error:
            return _UNUSABLE, str(error)
        except GateError as error:
            return (_UNUSABLE if error.exit_code == _INVALID else _FAILED), str(error)
        deliveries.note(stated.delivery, now_ns)
        return _OK, done

    async def hook(request: Request) -> JSONResponse:
        secret = await to_thread.run_sync(read_secret, home.ci_hook_secret)
        if secret is None:
            return _said(_NOT_HERE, "this home takes no statements from builds; see docs/beta.md")
        body = await _body(request)
        if body is None:
            return _said(_TOO_LARGE, f"a statement has at most {MAX_BODY} bytes")
        if not is_signed(secret, body, request.headers.get(HEADER)):
            return _said(_FORBIDDEN, "the signature is missing or wrong")
        if not limiters:  # made in the event loop that uses it
            limiters.append(CapacityLimiter(1))
        return _said(*await to_thread.run_sync(taken, body, limiter=limiters[0]))

    return [Route(PATH, hook, methods=["POST"])]


def _said(status: int, words: str) -> JSONResponse:
    return JSONResponse({"done" if status == _OK else "error": words}, status_code=status)


async def _body(request: Request) -> bytes | None:
    """The body; null when it is larger than any statement."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return body
