"""Streams of decompressed bytes that can be rewound, over files and over pipes."""

import gzip
import tempfile
import zlib
from typing import BinaryIO, Protocol

import zstandard

from ingest.errors import UnreadableSource, reason_of

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MAGIC = 4
_COPY_IN_MEMORY = 8 << 20
_STRIDE = 1 << 20
_FED_AT_ONCE = 1 << 10


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Bytes(Protocol):
    """Bytes of a source, in order."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end. Raises `UnreadableSource`."""

    def bytes_on_disk_read(self) -> int:
        """How much of the file, or of the pipe, was read; for progress."""


class Stream(Bytes, Protocol):
    """The bytes of one source. `is_plain`: an offset in the stream is an offset in the file."""

    name: str
    is_plain: bool

    def go_to(self, offset: int) -> None:
        """Stand at `offset`, or at the end when the source is shorter. Not after `release`."""

    def release(self) -> None:
        """Promise not to go anywhere any more."""


class FileStream:
    """A regular file, plain or compressed; rewinding reads it again."""

    def __init__(self, name: str, raw: BinaryIO) -> None:
        self.name = name
        self._raw = raw
        self._head = raw.read(_MAGIC)
        self.is_plain = not self._head.startswith((_GZIP, _ZSTD))
        self.go_to(0)

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end. Raises `UnreadableSource`."""
        return _read(self.name, self._stream, size)

    def go_to(self, offset: int) -> None:
        """Stand at `offset`, or at the end when the file is shorter."""
        self._raw.seek(offset if self.is_plain else 0)
        self._stream = _decompressed(self._head, self._raw)
        if not self.is_plain:
            skip(self, offset)

    def release(self) -> None:
        """Nothing to let go of."""

    def bytes_on_disk_read(self) -> int:
        """The position in the file as it lies on disk."""
        return self._raw.tell()


class PipeStream:
    """Standard input or a FIFO. Until `release`, what was read is also copied aside (much of it to disk)."""

    is_plain = False

    def __init__(self, name: str, raw: BinaryIO) -> None:
        self.name = name
        self._source = _Pipe(raw)
        self._stream = _decompressed(self._source.peek(_MAGIC), self._source)
        self._copy = tempfile.SpooledTemporaryFile(_COPY_IN_MEMORY)  # noqa: SIM115 - closed with the stream
        self._is_replaying = False
        self._is_released = False

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end. Raises `UnreadableSource`."""
        if self._is_replaying:
            if data := self._copy.read(size):
                return data
            self._is_replaying = False
            if self._is_released:
                self._copy.close()
        data = _read(self.name, self._stream, size)
        if not self._is_released:
            self._copy.write(data)
        return data

    def go_to(self, offset: int) -> None:
        """Stand at `offset`, or at the end when the pipe gives less. Not after `release`."""
        self._copy.seek(0)
        self._is_replaying = True
        skip(self, offset)

    def release(self) -> None:
        """Stop copying; what was copied and not read again still comes first."""
        self._is_released = True
        if not self._is_replaying:
            self._copy.close()

    def close(self) -> None:
        """Let go of the copy; of the pipe itself who opened it."""
        self._copy.close()

    def bytes_on_disk_read(self) -> int:
        """How much came through the pipe."""
        return self._source.count


class _Pipe:
    """A pipe that gives what it has: waiting for a full block would hold back a slow writer's lines."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._peeked = b""
        self.count = 0

    def peek(self, size: int) -> bytes:
        while len(self._peeked) < size and (data := self._raw.read(size - len(self._peeked))):
            self._peeked += data
        return self._peeked

    def read(self, size: int = -1) -> bytes:
        if self._peeked:
            data, self._peeked = self._peeked[:size], self._peeked[size:]
        else:
            read = getattr(self._raw, "read1", self._raw.read)
            data = read(size)
        self.count += len(data)
        return data


class _Zstandard:
    """Zstandard frames, one after another; a last frame without its end is an error, as with gzip.

    The library's own reader takes such a frame for the end. It is fed little at a time: 4 bytes can
    stand for 128 KiB.
    """

    def __init__(self, raw: _Readable) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_begun = False
        self._ready = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        while not self._ready:
            data = self._frame.unused_data if self._frame.eof else b""
            data = data or self._raw.read(_FED_AT_ONCE)
            if not data:
                if self._is_begun and not self._frame.eof:
                    raise EOFError("the last frame has no end")
                return b""
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._is_begun = True
            self._ready = memoryview(self._frame.decompress(data))
        found, self._ready = self._ready[:size], self._ready[size:]
        return bytes(found)


class UpTo:
    """The next `size` bytes of `stream`."""

    def __init__(self, stream: Bytes, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end. Raises `UnreadableSource`."""
        data = self._stream.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data

    def bytes_on_disk_read(self) -> int:
        """As of the stream."""
        return self._stream.bytes_on_disk_read()


def read_fully(stream: Stream, size: int) -> bytes:
    """Exactly `size` bytes, or fewer at the end. Raises `UnreadableSource`."""
    parts = []
    while size > 0 and (data := stream.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def skip(stream: Stream, size: int) -> None:
    """Read past `size` bytes. Raises `UnreadableSource`."""
    while size > 0 and (data := stream.read(min(size, _STRIDE))):
        size -= len(data)


class _Unwrapped:
    """A compressed stream, also where what is in it was compressed already.

    Firehose does that to what CloudWatch compressed. Which it is, is looked at with the first read.
    """

    def __init__(self, head: bytes, raw: _Readable) -> None:
        self._stream = _layer(head, raw)
        self._is_begun = False

    def read(self, size: int, /) -> bytes:
        if not self._is_begun:
            self._is_begun = True
            head = b""
            while len(head) < _MAGIC and (data := self._stream.read(_MAGIC - len(head))):
                head += data
            self._stream = _layer(head, _Behind(head, self._stream))
        return self._stream.read(size)


class _Behind:
    """`stream`, with `head` before it."""

    def __init__(self, head: bytes, stream: _Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        found, self._head = self._head[:size], self._head[size:]
        return found


def _decompressed(head: bytes, raw: _Readable) -> _Readable:
    return _Unwrapped(head, raw) if head.startswith((_GZIP, _ZSTD)) else raw


def _layer(head: bytes, raw: _Readable) -> _Readable:
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[call-overload, no-any-return]
    return _Zstandard(raw) if head.startswith(_ZSTD) else raw


def _read(name: str, stream: _Readable, size: int) -> bytes:
    try:
        return stream.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        reason = str(error).partition("\n")[0].lower() or type(error).__name__
        raise UnreadableSource(
            f"`{name}` is compressed and ends early or is damaged ({reason}); load it again when it is whole"
        ) from None
    except OSError as error:
        raise UnreadableSource(
            f"`{name}` cannot be read to its end: {reason_of(error)}; look at its disk, then load it again"
        ) from None
