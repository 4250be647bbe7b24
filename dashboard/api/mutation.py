"""What every call that changes something must be: a POST that a page of ours, or a program, meant.

A browser sends cookies along with requests that other pages make. No other page can send our header
without asking first, and the browser names the page in `Origin`. A program shows a token instead,
which no browser adds by itself.
"""

import json
from typing import Any

from starlette.requests import Request

from dashboard.api.body import at_most, media_type
from dashboard.api.problem import Refused
from dashboard.auth.door import Door

HEADER = "x-slotgate-request"
_MOST_BYTES = 16_384


def require_meant(request: Request, door: Door) -> None:
    """Raise `Refused` unless somebody meant this request."""
    if request.headers.get(HEADER) != "1":
        raise Refused(403, "header-missing", "send the header `X-Slotgate-Request: 1`")
    if bearer(request) is not None and "origin" not in request.headers:
        return
    if not door.is_own_page(request.headers):
        raise Refused(
            403, "foreign-origin", "this call is for pages of this server, or for programs with a token"
        )


def bearer(request: Request) -> str | None:
    """The token that a program shows, or None."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.strip() else None


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; nothing sent is an empty one. Raises `Refused`."""
    data = await at_most(request, _MOST_BYTES)
    if data is None:
        raise Refused(413, "too-large", f"send at most {_MOST_BYTES} bytes")
    if not data:
        return {}
    if media_type(request) != "application/json":
        raise Refused(415, "not-json", "send `Content-Type: application/json`")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(400, "not-json", "the body is no JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "not-an-object", "send a JSON object")
    return found


def text_of(body: dict[str, Any], name: str, most: int = 2_000) -> str | None:
    """A text of the body, or None where it is missing. Raises `Refused` for anything else."""
    found = body.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or len(found) > most:
        raise Refused(400, "wrong-field", f"`{name}` is a text of at most {most} characters")
    return found
