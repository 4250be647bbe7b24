"""Read the body of a call, bounded, and leave what it means to the service."""

from starlette.requests import Request

from dashboard.api.body import at_most, media_type
from dashboard.api.problem import Refused
from gates.tasks.payload import LARGEST_BODY


async def data_of(request: Request) -> bytes:
    """The bytes that were sent; nothing sent is none. Raises `Refused`."""
    data = await at_most(request, LARGEST_BODY)
    if data is None:
        raise Refused(413, "too-large", f"send at most {LARGEST_BODY} bytes")
    if data and media_type(request) != "application/json":
        raise Refused(415, "not-json", "send `Content-Type: application/json`")
    return data
