"""The body of a request: as much of it as is allowed, and what it says it is."""

from starlette.requests import Request


async def at_most(request: Request, most: int) -> bytes | None:
    """All that is sent; null where that is more than `most` bytes. Then the rest is not read."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            return None
    return bytes(data)


def media_type(request: Request) -> str:
    """The media type without its parameters, in lower case (RFC 9110, section 8.3.1); empty where none is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
