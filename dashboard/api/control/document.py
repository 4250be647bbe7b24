"""The OpenAPI document of everything under `/api/v1`."""

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from dashboard.api.control.answers.form import Problem
from dashboard.api.control.beside import described
from dashboard.api.control.entrance import Changing, Looking
from dashboard.api.problem import MEDIA_TYPE

WHERE = "/api/v1"
OPEN = {"/sign-in", "/sign-out"}
"""What takes neither a token nor a session."""
_DESCRIPTION = (
    "Everything that the command line of slotgate can do, through the same change service. docs/api.md "
    "explains tokens, sessions, outcomes and keys."
)
_PROBLEMS = {
    "400": "it cannot be read",
    "401": "nobody known calls",
    "403": "not allowed, not meant, or a rule BLOCKED it",
    "404": "there is no such thing",
    "409": "somebody or something else came first",
    "413": "too large",
    "415": "another media type is needed",
    "422": "it is not what it should be",
    "500": "it broke; the server's log says where",
    "503": "the home, its store or its telemetry cannot be used now",
}
_MEANT = {
    "name": "X-Slotgate-Request",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "enum": ["1"]},
    "description": "No foreign page can send it unasked; a browser's call must come from a page of ours.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!#-\\[\\]-~]{1,255}$"},
    "description": "The same key with the same call is answered again and not done again, for 24 hours.",
}
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "a personal token: `slotgate tokens create`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "slotgate",
        "description": "the cookie of /sign-in",
    },
}


def document(routers: list[APIRouter], version: str) -> dict[str, Any]:
    """OpenAPI 3.1 of `routers` and of the calls that stand before them."""
    routes: list[BaseRoute] = [*described.routes, *(route for router in routers for route in router.routes)]
    found = get_openapi(
        title="slotgate", version=version, description=_DESCRIPTION, routes=routes, servers=[{"url": WHERE}]
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    found["components"]["securitySchemes"] = _SCHEMES
    kinds = {
        (route.path, method.lower()): type(route)
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation, kinds[path, method])
    return found


def _complete(path: str, method: str, operation: dict[str, Any], kind: type[APIRoute]) -> None:
    """What holds for every call: how it is let in, how it is refused."""
    operation["security"] = [] if path in OPEN else [{"token": []}, {"session": []}]
    if issubclass(kind, Looking):
        operation["x-slotgate-scope"] = kind.scope_needed.value
    more = [_MEANT] if method != "get" else []
    more += [_KEY] if kind is Changing and method == "post" else []
    operation["parameters"] = [*operation.get("parameters", []), *more]
    for status, words in _PROBLEMS.items():
        operation["responses"][status] = {
            "description": words,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
