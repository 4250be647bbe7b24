"""When the telemetry cannot be used there are no pages, but everything can still be stopped.

The sign-in, `/stop` and the API, without Streamlit and without the telemetry file. Telemetry that is handed
in waits in the spool, and receivers of notifications are told. A budget that stops where use is not
known stops everything. Every other address leads to `/stop`.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.api.confirmation import nobody_looks
from dashboard.api.otlp.route import otlp_routes
from dashboard.api.otlp.spool import PushedSpool
from dashboard.api.routes import api_routes
from dashboard.auth.access import Access
from dashboard.auth.doorkeeper import Doorkeeper
from dashboard.server.address import Address
from dashboard.server.budget_of import guard_without_telemetry
from dashboard.server.middleware import Guard
from dashboard.server.notifying import notifying_of


def serve_stop_alone(address: Address, access: Access, why: str, announce: Callable[[], None]) -> None:
    """Serve at `address` and block until SIGINT or SIGTERM. `why` there is no more than this."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGINT, signal.SIGTERM)}
    pushed, notifying = PushedSpool(access.home.spool), notifying_of(access.home, access.config.public_url)
    guard = guard_without_telemetry(access.home, why)
    try:
        pushed.mend()
        notifying.start()
        guard.start()
        announce()
        uvicorn.run(
            application(address, access, why, pushed),
            host=address.host,
            port=address.port,
            log_level="warning",
            proxy_headers=False,
            ssl_certfile=None if address.tls is None else os.fspath(address.tls.certificate),
            ssl_keyfile=None if address.tls is None else os.fspath(address.tls.key),
        )
    except (SystemExit, KeyboardInterrupt) as leaving:
        if isinstance(leaving, SystemExit) and leaving.code not in (0, None):
            raise
    finally:
        guard.stop()
        notifying.stop()
        pushed.close()
        access.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def application(address: Address, access: Access, why: str, pushed: PushedSpool) -> Starlette:
    """What is left to serve."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        return JSONResponse({"status": "not ready", "reasons": [why]}, 503)

    async def anything(_request: Request) -> Response:
        return RedirectResponse("/stop", 303, headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *api_routes(access, address.url, nobody_looks("telemetry does not answer: it cannot be used")),
            *otlp_routes(access, pushed),
            Route("/", anything),
            Route("/{path:path}", anything),
        ],
        middleware=[
            Middleware(Guard, allowed_hosts=address.allowed_hosts),
            Middleware(Doorkeeper, access=access, required=True),
        ],
    )


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
