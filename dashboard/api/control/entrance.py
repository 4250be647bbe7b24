"""What every call passes before its endpoint: who makes it, whether it was meant, how large it is, its key.

Looking    GET: a session, or a token of scope `read` or `all`
Asking     POST that changes nothing: the same, and meant
Changing   POST and PUT: a session or a token of scope `all`, meant; done once for each key
TakingAway POST that only takes away: the same, but no key is looked at, so that none stops it
"""

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.control.bodies import bounded
from dashboard.api.control.calling import CALLER, house_of
from dashboard.api.control.failures import OURS, refusal_of
from dashboard.api.control.house import House
from dashboard.api.control.keys import HEADER, REPLAYED, Begun, Kept, digest_of, key_of
from dashboard.api.mutation import require_meant
from dashboard.api.problem import MEDIA_TYPE, Refused, answer, problem
from dashboard.api.who import entitled
from dashboard.auth.threads import Threads
from dashboard.auth.visitor import Visitor
from gates.errors import GateError
from gates.store.rows import TokenScope

NOT_KEPT = "Idempotency-Kept"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Looking(APIRoute):
    """Something to look at."""

    scope_needed: ClassVar[TokenScope] = TokenScope.READ
    is_meant: ClassVar[bool] = False

    def get_route_handler(self) -> Handler:
        """The endpoint behind the entrance."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                house = house_of(request)
                visitor = await self.door(house).run(entitled, house.access, request, self.scope_needed)
                if self.is_meant:
                    require_meant(request, house.access.door)
                self._require_known(request)
                request.scope[CALLER] = visitor
                return await self.carried_out(house, visitor, await bounded(request), inner)
            except OURS as error:
                return problem(refusal_of(error))
            except Refused as refused:
                return problem(refused)

        return handler

    def _require_known(self, request: Request) -> None:
        """A filter that is misspelled must not give the answer to another question."""
        known = {field.alias for field in self.dependant.query_params}
        for name in request.query_params:
            if name not in known:
                there = ", ".join(f"`{one}`" for one in sorted(known)) or "none"
                raise Refused(422, "invalid-request", f"there is no such query parameter; there are: {there}")

    def door(self, house: House) -> Threads:
        """The threads in which who calls is looked at."""
        return house.pools.door

    async def carried_out(self, house: House, visitor: Visitor, request: Request, inner: Handler) -> Response:
        """The answer of the endpoint."""
        del house, visitor
        return await inner(request)


class Asking(Looking):
    """A question that needs a body."""

    is_meant = True


class TakingAway(Looking):
    """Something that only takes away, and may be done again and again."""

    scope_needed = TokenScope.ALL
    is_meant = True

    def door(self, house: House) -> Threads:
        """Slow calls of others do not stand before it."""
        return house.pools.narrowing

    def _require_known(self, request: Request) -> None:
        """What stands behind the path keeps nobody from taking away."""


class Changing(Looking):
    """Something that is to be done once."""

    scope_needed = TokenScope.ALL
    is_meant = True

    async def carried_out(self, house: House, visitor: Visitor, request: Request, inner: Handler) -> Response:
        """The answer of the endpoint, or the one that the same call got before."""
        key = key_of(request.headers.get(HEADER)) if request.method == "POST" else None
        if key is None:
            return await inner(request)
        return await _once(house, (visitor.operator_id, key), request, inner)


async def _once(house: House, who: tuple[str, str], request: Request, inner: Handler) -> Response:
    keys, run = house.keys, house.pools.work.run
    target = f"{request.url.path}?{request.url.query}"
    digest = digest_of(request.method, target, await request.body())

    def begin() -> Begun | Kept:
        with house.store() as store:
            return keys.begin(store, *who, digest)

    def forget() -> None:
        with house.store() as store:
            keys.forget(store, *who)

    def end(status: int, body: Mapping[str, Any]) -> None:
        with house.store() as store:
            keys.end(store, *who, status, body)

    begun = await run(begin)
    if isinstance(begun, Kept):
        return _replayed(begun)
    try:
        return await _kept(run, end, await inner(request))
    except (Refused, RequestValidationError, HTTPException, *OURS) as error:
        if not isinstance(error, OURS) or refusal_of(error).status < 500:
            with suppress(GateError):  # nothing was done; a key that cannot be freed stays without an answer
                await run(forget)
        raise  # else perhaps done in part: the key stays without an answer
    finally:
        keys.leave(*who)


async def _kept(
    run: Callable[..., Awaitable[None]], end: Callable[[int, Mapping[str, Any]], None], response: Response
) -> Response:
    """What was done is answered also where the answer cannot be kept; the header says so."""
    try:
        await run(end, response.status_code, json.loads(bytes(response.body)))
    except GateError:
        response.headers[NOT_KEPT] = "no"
    return response


def _replayed(kept: Kept) -> Response:
    response = answer(kept.body, kept.status)
    if kept.status >= 400:
        response.headers["Content-Type"] = MEDIA_TYPE
    response.headers[REPLAYED] = "true"
    return response
