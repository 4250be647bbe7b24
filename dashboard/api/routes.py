"""Every route of the door, the API and our own pages, put together for one home."""

from starlette.routing import Route

from dashboard.api.confirmation import Confirmations, nobody_looks
from dashboard.api.kill import KillCalls
from dashboard.api.metrics.calls import MetricsCalls
from dashboard.api.metrics.measured import Measuring, nothing_served
from dashboard.api.ofrep.routes import ofrep_routes
from dashboard.api.provider import BACK, THERE, ProviderCalls
from dashboard.api.session import SessionCalls
from dashboard.api.state import StateCalls
from dashboard.auth.access import Access
from dashboard.auth.oidc import Provider
from dashboard.web.pages import page_routes

_NOBODY_LOOKS = nobody_looks("no telemetry is served here")


def api_routes(
    access: Access,
    origin: str,
    confirmations: Confirmations = _NOBODY_LOOKS,
    measuring: Measuring = nothing_served,
) -> list[Route]:
    """`origin` is how browsers reach us, for the provider's way back.

    `confirmations` tells what telemetry shows of the kill that is on, `measuring` what metrics say of it.
    """
    kills, sessions = KillCalls(access), SessionCalls(access)
    routes = [
        Route("/api/v1/kill", kills.kill, methods=["POST"]),
        Route("/api/v1/kill/reason", kills.reason, methods=["POST"]),
        Route("/api/v1/state", StateCalls(access, kills, confirmations).state, methods=["GET"]),
        Route("/api/v1/sign-in", sessions.sign_in, methods=["POST"]),
        Route("/api/v1/sign-out", sessions.sign_out, methods=["POST"]),
        *ofrep_routes(access),
        Route("/metrics", MetricsCalls(access, measuring).metrics, methods=["GET"]),
    ]
    oidc = access.config.oidc
    if oidc is None:
        return [*routes, *page_routes(None)]
    calls = ProviderCalls(access, Provider(oidc, f"{access.config.public_url or origin}{BACK}"))
    routes += [Route(THERE, calls.there), Route(BACK, calls.back)]
    return [*routes, *page_routes(oidc.issuer)]
