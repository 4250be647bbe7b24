"""The control API put together: an application of its own, mounted behind the kill."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from dashboard.api.control import (
    audit,
    beta,
    controls,
    drills,
    people,
    requests,
    rollout,
    spending,
    telemetry,
    verdicts,
)
from dashboard.api.control.calling import house_of
from dashboard.api.control.document import WHERE, document
from dashboard.api.control.house import House
from dashboard.api.problem import NO_STORE, Refused, problem

ROUTERS: tuple[APIRouter, ...] = (
    controls.looking,
    controls.asking,
    controls.taking_away,
    controls.changing,
    requests.looking,
    requests.changing,
    rollout.looking,
    rollout.changing,
    spending.looking,
    spending.changing,
    drills.looking,
    drills.changing,
    verdicts.looking,
    verdicts.changing,
    beta.looking,
    beta.changing,
    audit.looking,
    audit.asking,
    audit.changing,
    people.looking,
    people.changing,
    telemetry.looking,
    telemetry.asking,
    telemetry.changing,
)
CALLS = tuple(route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
"""Every call, by its path below `/api/v1`."""
_KINDS = {404: "no-such-route", 405: "no-such-method", 400: "not-json"}
_MOST_SAID = 5


def control_routes(house: House) -> list[Mount]:
    """To be served after the routes that stand under `/api/v1` themselves: the kill answers first."""
    return [Mount(WHERE, app=control_application(house))]


def control_application(house: House) -> FastAPI:
    """The calls about one home, with their document at `/openapi.json`."""
    # No page of FastAPI's own: those load scripts from the network.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.house = house
    for router in ROUTERS:
        app.include_router(router)
    app.add_route("/openapi.json", _openapi, methods=["GET"])
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(Exception, _broke)
    return app


@cache
def _said() -> bytes:
    """Made when somebody asks for it: it takes longer than the rest of a start."""
    return json.dumps(document(list(ROUTERS), version("slotgate"))).encode()


async def _openapi(request: Request) -> Response:
    said = await house_of(request).pools.work.run(_said)
    return Response(said, headers=NO_STORE, media_type="application/json")


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    words = "; ".join(f"`{_place(one['loc'])}`: {one['msg'].lower()}" for one in found[:_MOST_SAID])
    rest = f" (and {len(found) - _MOST_SAID} more)" if len(found) > _MOST_SAID else ""
    return problem(Refused(422, "invalid-request", f"{words}{rest}; GET {WHERE}/openapi.json describes it"))


def _place(location: Sequence[object]) -> str:
    return ".".join(map(str, location[1:])) or str(location[0])


async def _not_found(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _KINDS.get(error.status_code, "refused")
    words = f"{str(error.detail).lower()}; GET {WHERE}/openapi.json lists what there is"
    return problem(Refused(error.status_code, kind, words, error.headers))


async def _broke(_request: Request, _error: Exception) -> Response:
    """The log has it; the answer says nothing of it."""
    return problem(Refused(500, "broke", "this broke; the server's log says where, and what was done"))
