"""Where OFREP stands; the paths are the protocol's."""

from starlette.routing import Route

from dashboard.api.ofrep.calls import EvaluationCalls
from dashboard.auth.access import Access

_EVERY = ["DELETE", "GET", "PATCH", "POST", "PUT"]


def ofrep_routes(access: Access) -> list[Route]:
    """The two calls of the protocol, and nothing else below its path."""
    calls = EvaluationCalls(access)
    return [
        Route("/ofrep/v1/evaluate/flags/{key:path}", calls.one, methods=["POST"]),
        Route("/ofrep/v1/evaluate/flags", calls.all, methods=["POST"]),
        Route("/ofrep/{path:path}", calls.nothing_else, methods=_EVERY),
    ]
