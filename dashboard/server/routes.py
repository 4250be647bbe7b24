"""Our own HTTP routes. They run beside Streamlit and need none of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboard.api.record import record_routes
from dashboard.cli.guarded import service_of
from dashboard.cli.store import store_of
from dashboard.hooks.route import hook_routes
from dashboard.server.seat import Seat
from gates.changes.service import ChangeService
from gates.home import Home

STALE_AFTER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the pages would show current data, and if not, why."""

    reasons: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Nothing stands against it."""
        return not self.reasons


def readiness(seat: Seat, now_monotonic: float) -> Readiness:
    """Ready when the spool was loaded within the last ten seconds."""
    status = seat.loader.status
    # Not why: it names files, and everybody may ask. The pages say it.
    reasons = ["the last pass over the spool failed; the pages say why"] if status.failure else []
    last = status.last_success_monotonic
    if last is None:
        reasons.append("the spool has not been loaded yet")
    elif now_monotonic - last > STALE_AFTER_SECONDS:
        reasons.append(f"the spool was last loaded {now_monotonic - last:.0f} s ago")
    return Readiness(tuple(reasons))


def routes(seat: Seat) -> list[Route]:
    """`/healthz`: the process answers. `/readyz`: it would show current data. `/hooks/ci`: builds.

    `/record/N`: the decision record of a request.
    """

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        answer = readiness(seat, time.monotonic())
        body = {
            "status": "ready" if answer.ready else "not ready",
            "reasons": list(answer.reasons),
            "passes": seat.loader.status.passes,
        }
        return JSONResponse(body, status_code=200 if answer.ready else 503)

    hooks = hook_routes(seat.home, partial(_changes_of, seat.home))
    return [Route("/healthz", healthz), Route("/readyz", readyz), *hooks, *record_routes(seat.to_look)]


@contextmanager
def _changes_of(home: Home) -> Iterator[ChangeService]:
    """The change service of the home, for one request. Raises a `StoreError`."""
    store = store_of(home)
    try:
        yield service_of(home, store)
    finally:
        store.close()
