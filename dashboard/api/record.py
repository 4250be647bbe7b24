"""`GET /record/N` and `/record/N.json`: the decision record of a request, for whoever may see the pages.

The doorkeeper stands before it. The page brings everything with it and may run nothing.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.auth.threads import Threads
from dashboard.record.document import document_of
from dashboard.record.page import page_of
from gates.changes.requested import RequestFile
from gates.changes.service import ChangeService
from gates.errors import GateError, UnknownEntry

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-modals"
)
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
_THREADS = 4
_LARGEST = 2**31 - 1

ToLook = Callable[[], AbstractContextManager[ChangeService]]
"""Opens the change service of the home for one question."""


def record_routes(to_look: ToLook) -> list[Route]:
    """Both forms of the record."""
    threads = Threads(_THREADS)

    async def page(request: Request) -> Response:
        return await threads.run(_answer, to_look, request, _as_page)

    async def document(request: Request) -> Response:
        return await threads.run(_answer, to_look, request, _as_json)

    return [Route("/record/{number:int}.json", document), Route("/record/{number:int}", page)]


def _answer(to_look: ToLook, request: Request, form: Callable[[RequestFile], Response]) -> Response:
    number = int(request.path_params["number"])
    try:
        if number > _LARGEST:
            raise UnknownEntry("there is no request of that number; the Review page lists them")
        with to_look() as service:
            file = service.request_file(number)
    except UnknownEntry as error:
        return PlainTextResponse(f"{error}\n", 404, HEADERS)
    except GateError as error:
        return PlainTextResponse(f"the record cannot be read now: {error}\n", 503, HEADERS)
    return form(file)


def _as_page(file: RequestFile) -> Response:
    return Response(page_of(document_of(file)), headers=HEADERS, media_type="text/html")


def _as_json(file: RequestFile) -> Response:
    return Response(written(document_of(file)), headers=HEADERS, media_type="application/json")


def written(document: dict[str, Any]) -> str:
    """The JSON record as text that people can read too."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
