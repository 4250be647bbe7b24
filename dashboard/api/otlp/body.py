"""The body of a request, bounded however it is compressed."""

import zlib

from dashboard.api.problem import Refused

MOST_BYTES = 8 << 20
"""Of a request, as it is sent and as it is without compression."""
_MOST_MEMBERS = 16
_GZIP = 16 + zlib.MAX_WBITS
TOO_LARGE = f"send at most {MOST_BYTES >> 20} MiB a request, without compression; make batches smaller"


def plain(data: bytes, encoding: str) -> bytes:
    """`data` without its Content-Encoding. Raises `Refused`, for a bomb before it goes off."""
    match encoding.strip().lower():
        case "" | "identity":
            return data
        case "gzip":
            return _unzipped(data)
        case _:
            raise Refused(415, "content-encoding", "send the body as it is, or as gzip")


def _unzipped(data: bytes) -> bytes:
    """Of all members; an empty body is no gzip."""
    found = b""
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            found += member.decompress(data, MOST_BYTES + 1 - len(found))
        except zlib.error as error:
            raise Refused(400, "not-gzip", f"the body is no gzip: {error}") from error
        if len(found) > MOST_BYTES:
            raise Refused(413, "too-large", TOO_LARGE)
        if not member.eof:
            raise Refused(400, "not-gzip", "the body is gzip that ends early")
        if not member.unused_data:
            return found
        data = member.unused_data
    raise Refused(400, "not-gzip", f"the body is gzip of more than {_MOST_MEMBERS} members")
