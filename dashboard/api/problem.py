"""Refusals as RFC 9457 problem details: what went wrong, in words, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}


class Refused(Exception):
    """A call that is not carried out; `kind` is a stable word for programs."""

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})


def problem(refused: Refused, more: Mapping[str, object] | None = None) -> JSONResponse:
    """The answer for a refusal."""
    body = {
        "type": f"urn:slotgate:problem:{refused.kind}",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        **(more or {}),
    }
    return JSONResponse(body, refused.status, {**NO_STORE, **refused.headers}, MEDIA_TYPE)


def answer(body: Mapping[str, object], status: int = 200) -> JSONResponse:
    """An answer that nobody keeps."""
    return JSONResponse(dict(body), status, dict(NO_STORE))
