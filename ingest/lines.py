"""Cut a stream of bytes into physical lines, in bounded memory.

A line ends at a newline, whatever else is in it; a carriage return before the newline goes with it. A line
of more than `LINE_LIMIT` bytes comes in parts: its head of exactly that many bytes, the rest as it arrives,
and its end.
"""

from collections.abc import Iterator
from enum import Enum, auto

LINE_LIMIT = 1 << 20


class Part(Enum):
    """What a piece of the stream is."""

    WHOLE = auto()
    HEAD = auto()
    MORE = auto()
    END = auto()


class LineSplitter:
    """Yields (part, offset of the physical line, bytes without the newline)."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset  # where the first line that is not complete begins
        self._begun = bytearray()
        self._long = 0  # bytes of the over-long line that were passed on already

    @property
    def pending(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._begun or self._long)

    def feed(self, block: bytes) -> Iterator[tuple[Part, int, bytes]]:
        """The lines that `block` completes. To be consumed to its end before the next block is given."""
        begin = 0
        if self.pending:
            newline = block.find(b"\n")
            if newline < 0:
                yield from self._begin(block)
                return
            yield from self._begin(block[:newline])
            yield from self._complete(newline=True)
            begin = newline + 1
        lines = block[begin:].split(b"\n") if begin else block.split(b"\n")
        rest = lines.pop()
        whole = Part.WHOLE
        for line in lines:
            if len(line) > LINE_LIMIT:
                yield from self._begin(line)
                yield from self._complete(newline=True)
                continue
            offset = self.offset
            self.offset += len(line) + 1
            yield whole, offset, line[:-1] if line.endswith(b"\r") else line
        if rest:
            yield from self._begin(rest)

    def finish(self) -> Iterator[tuple[Part, int, bytes]]:
        """The last line, if no newline ends it."""
        if self.pending:
            yield from self._complete(newline=False)

    def _begin(self, text: bytes) -> Iterator[tuple[Part, int, bytes]]:
        if self._long:
            self._long += len(text)
            yield Part.MORE, self.offset, text
            return
        self._begun += text
        if len(self._begun) > LINE_LIMIT:
            begun = bytes(self._begun)
            self._begun.clear()
            self._long = len(begun)
            yield Part.HEAD, self.offset, begun[:LINE_LIMIT]
            yield Part.MORE, self.offset, begun[LINE_LIMIT:]

    def _complete(self, *, newline: bool) -> Iterator[tuple[Part, int, bytes]]:
        offset = self.offset
        self.offset += (self._long or len(self._begun)) + newline
        if self._long:
            self._long = 0
            yield Part.END, offset, b""
        else:
            line = bytes(self._begun)
            self._begun.clear()
            yield Part.WHOLE, offset, line.removesuffix(b"\r")
