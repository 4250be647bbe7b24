"""A response body that ends early rather than fill the memory."""

from collections.abc import AsyncIterator

import httpx2


class BoundedStream(httpx2.AsyncByteStream):
    """The first `limit` bytes of `stream`; the rest is left unread and the connection is closed."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: int) -> None:
        self._stream = stream
        self._left = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                return

    async def aclose(self) -> None:
        """Close the connection's side too."""
        await self._stream.aclose()
