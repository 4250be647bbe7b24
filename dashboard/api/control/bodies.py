"""Bodies of requests, bounded before anything reads them."""

from starlette.requests import Request
from starlette.types import Message

from dashboard.api.body import at_most, media_type
from dashboard.api.problem import Refused
from schemas import strict_json
from schemas.errors import InvalidJson

JSON = "application/json"
MOST_BYTES = 1_048_576
"""Job specs and allowlists are the largest things that are sent."""


async def bounded(request: Request) -> Request:
    """The same request with its body read. Raises `Refused` for more than `MOST_BYTES`, and
    for JSON that not every reader understands alike.
    """
    body = await at_most(request, MOST_BYTES)
    if body is None:
        raise Refused(413, "too-large", f"send at most {MOST_BYTES:,} bytes")
    media = media_type(request)
    if body and (media == JSON or media.endswith("+json")):
        try:
            strict_json.loads(body)
        except InvalidJson as error:
            raise Refused(400, "not-json", str(error)) from error

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, again)
