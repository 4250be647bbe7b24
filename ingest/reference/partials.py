"""Join the pieces of lines that a transport cut.

Pieces join per container and stream, in order, never across streams; the time of the line is that of its
first piece. A line that waits for its next piece is given up, and read as it stands, when

- `FLUSH_NS` of transport time have passed since its last piece,
- `FLUSH_BYTES` of the source have passed since its last piece, whatever the times say,
- more than `HELD_LIMIT` bytes or `LINES_LIMIT` lines wait: the one whose last piece is oldest goes first.

All of this depends on the bytes of the source alone, never on how they were cut into blocks.
"""

from collections.abc import Iterator

from msgspec import Struct

from ingest.reference.logical_lines import LogicalLine
from ingest.transports.message import Message

FLUSH_NS = 5_000_000_000
FLUSH_BYTES = 1 << 22
HELD_LIMIT = 1 << 23
LINES_LIMIT = 1024


class _Waiting(Struct):
    line: LogicalLine
    held: int
    last_ns: int | None
    last_offset: int

    def is_late(self, time_ns: int | None, offset: int) -> bool:
        """Whether a line at `offset`, of that time, comes too late to wait any longer."""
        if offset - self.last_offset > FLUSH_BYTES:
            return True
        return time_ns is not None and self.last_ns is not None and time_ns - self.last_ns >= FLUSH_NS


class Joiner:
    """The lines of one source that wait for their next piece."""

    def __init__(self) -> None:
        # By (container, stream), in the order of their last pieces.
        self.waiting: dict[tuple[str | None, str | None], _Waiting] = {}
        self._held = 0

    def expire(self, message: Message, offset: int) -> list[LogicalLine]:
        """Give up the lines that a message at `offset` comes too late for."""
        return list(self._expired(message, offset))

    def _expired(self, message: Message, offset: int) -> Iterator[LogicalLine]:
        own = self.waiting.get((message.container, message.stream))
        if own is not None and own.is_late(message.time_ns, offset):
            yield self._give_up((message.container, message.stream))
        while self.waiting:
            key, oldest = next(iter(self.waiting.items()))
            if not oldest.is_late(message.time_ns, offset):
                return
            yield self._give_up(key)

    def take(self, message: Message) -> LogicalLine | None:
        """Remove the line that `message` continues."""
        key = (message.container, message.stream)
        return self._give_up(key) if message.partial is not None and key in self.waiting else None

    def wait(self, line: LogicalLine, message: Message, offset: int) -> Iterator[LogicalLine]:
        """Keep `line`, whose last piece is `message` at `offset`; give up what is too much to keep."""
        self.waiting[message.container, message.stream] = _Waiting(line, line.held, message.time_ns, offset)
        self._held += line.held
        while self._held > HELD_LIMIT or len(self.waiting) > LINES_LIMIT:
            yield self._give_up(next(iter(self.waiting)))

    def drain(self) -> list[LogicalLine]:
        """Give up all, in the order in which they began."""
        lines = [waiting.line for waiting in self.waiting.values()]
        self.waiting.clear()
        self._held = 0
        return sorted(lines, key=lambda line: line.place)

    def _give_up(self, key: tuple[str | None, str | None]) -> LogicalLine:
        waiting = self.waiting.pop(key)
        self._held -= waiting.held
        return waiting.line
