"""The per-line reference of ingest: the bytes of one source in, outcomes out.

Pure: no clock, environment or I/O; the same bytes give the same outcomes however they are cut into blocks,
in bounded memory. What is faster elsewhere must agree with this.

    parser = SourceParser()
    for block in blocks:
        store(parser.feed(block), checkpoint=parser.safe_offset)
    store(parser.finish(), checkpoint=parser.safe_offset)

`safe_offset` is the beginning of a line, or the end of the source, where no line waited for a piece. A
parser that goes on from there says all that comes behind it, and so repeats what was said about it already:
outcomes at or behind `safe_offset` are provisional. They come from lines between the pieces of others, from
over-long lines, and from what `finish` cut short; the repetition has the same (offset, index) and content
unless the source has grown. Replace them, do not add them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import assert_never

from ingest.contract.outcomes import Outcome
from ingest.contract.validate import Invalid, Valid, valid_or_none, validate
from ingest.lines import LineSplitter, Part
from ingest.reference.logical_lines import LogicalLine, accepted, outcomes_of
from ingest.reference.message_lines import MessageLines
from ingest.reference.physical_lines import PhysicalLine
from ingest.transports import detect
from ingest.transports.message import Message
from ingest.transports.seams import ObjectSplitter

__all__ = ["Invalid", "Message", "SourceParser", "Valid", "outcomes_of", "validate"]

_RAW = Message(b"")


@dataclass(slots=True)
class _LongMessage:
    """An over-long physical line with one message, and the logical line that it goes into."""

    origin: PhysicalLine
    message: Message
    line: LogicalLine


@dataclass(slots=True)
class _LongObjects:
    """An over-long stretch of objects, each a line; `line` is that of one which is too long itself."""

    origin: PhysicalLine  # of the object that has no end yet
    splitter: ObjectSplitter
    line: LogicalLine | None = None
    end: int = 0  # of what went into it


class SourceParser:
    """Parses one source from `offset` on, which is 0 or the `safe_offset` of an earlier parser.

    After `finish`, `lines == record_lines + noise_lines + joined_pieces`: physical lines as `wc -l` counts
    them (and a last one without newline); those with records, and without; and those that only went on with
    what earlier ones began. A line ends at a newline, and where an object of a transport that packs messages
    ends and the next one begins; however many messages it carries, it is one line.
    """

    def __init__(self, offset: int = 0) -> None:
        self._lines = MessageLines(offset)
        self._splitter = LineSplitter(offset)
        self._long: _LongMessage | _LongObjects | None = None
        self._finished_at: int | None = None

    @property
    def lines(self) -> int:
        """Physical lines that have ended."""
        return self._lines.lines

    @property
    def record_lines(self) -> int:
        """Those in which records began."""
        return self._lines.record_lines

    @property
    def noise_lines(self) -> int:
        """Those without records."""
        return self._lines.noise_lines

    @property
    def joined_pieces(self) -> int:
        """Those that only went on with what earlier ones began."""
        return self._lines.joined_pieces

    @property
    def safe_offset(self) -> int:
        """Where another parser may go on. Stays, after `finish`, before what had to be cut short."""
        if self._finished_at is not None:
            return self._finished_at
        if self._lines.joiner.waiting or isinstance(self._long, _LongMessage):
            return self._lines.quiet
        return self._splitter.offset if self._long is None else self._long.origin.offset

    def feed(self, block: bytes) -> list[Outcome]:
        """The outcomes of the lines that `block` completes, in the order in which the lines end."""
        outcomes: list[Outcome] = []
        whole, lines, waiting = Part.WHOLE, self._lines, self._lines.joiner.waiting
        for part, offset, text in self._splitter.feed(block):
            if part is whole and not waiting and (valid := valid_or_none(text)) is not None:
                lines.lines += 1
                lines.record_lines += 1
                outcomes.append(accepted(valid, _RAW, offset, 0))
            else:
                self._part(part, offset, text, outcomes)
        return outcomes

    def finish(self) -> list[Outcome]:
        """The outcomes of what still waits: the source has ended. Nothing may be fed after this."""
        safe_offset = self.safe_offset
        outcomes = self.end_line()
        self._lines.give_up_all(outcomes)
        self._finished_at = safe_offset
        return outcomes

    def end_line(self) -> list[Outcome]:
        """The outcomes of a line that has begun: it ends here, although no newline says so.

        That is sound where the source ends, and where an object of `detect.splitter` does.
        """
        outcomes: list[Outcome] = []
        for part, offset, text in self._splitter.finish():
            self._part(part, offset, text, outcomes)
        return outcomes

    def _part(self, part: Part, offset: int, text: bytes, outcomes: list[Outcome]) -> None:
        match part:
            case Part.WHOLE:
                splitter = detect.splitter(text)
                if splitter is None:
                    self._lines.whole(offset, detect.parse(text), outcomes)
                else:
                    long = _LongObjects(PhysicalLine(offset), splitter)
                    self._objects(long, chain(splitter.feed(text), splitter.finish()), outcomes)
            case Part.HEAD:
                self._long = self._begun(PhysicalLine(offset), text, outcomes)
            case Part.MORE:
                self._more(text, outcomes)
            case Part.END:
                self._more_ended(outcomes)
            case _:
                assert_never(part)

    def _begun(
        self, origin: PhysicalLine, head: bytes, outcomes: list[Outcome]
    ) -> _LongMessage | _LongObjects:
        """An over-long line begins with `head`."""
        splitter = detect.splitter(head)
        if splitter is not None:
            long = _LongObjects(origin, splitter)
            self._objects(long, splitter.feed(head), outcomes)
            return long
        message = detect.parse(head)
        assert isinstance(message, Message)
        line = self._lines.continued(origin.offset, message, outcomes) or LogicalLine(origin, message)
        outcomes += line.add(message.text)
        return _LongMessage(origin, message, line)

    def _more(self, text: bytes, outcomes: list[Outcome]) -> None:
        match self._long:
            case _LongMessage() as long:
                outcomes += long.line.add(text)
            case _LongObjects() as long:
                self._objects(long, long.splitter.feed(text), outcomes)
            case None:
                pass

    def _more_ended(self, outcomes: list[Outcome]) -> None:
        long, self._long = self._long, None
        match long:
            case _LongMessage():
                self._lines.piece(long.line, long.message, long.origin.offset, outcomes)
                self._lines.ended(long.origin, outcomes)
            case _LongObjects():
                self._objects(long, long.splitter.finish(), outcomes)
            case None:
                pass

    def _objects(
        self, long: _LongObjects, pieces: Iterator[tuple[Part, bytes]], outcomes: list[Outcome]
    ) -> None:
        """Each object is a line. One that is too long is searched like a damaged envelope."""
        for part, text in pieces:
            if part is Part.WHOLE:
                self._lines.whole(long.origin.offset, detect.parse(text), outcomes)
                long.origin = PhysicalLine(long.origin.offset + len(text))
                continue
            if long.line is None:
                self._lines.meet(long.origin.offset)
                long.line = LogicalLine(long.origin, Message(b"", damaged=True))
                long.end = long.origin.offset
            outcomes += long.line.add(text)
            long.end += len(text)
            if part is Part.END:
                self._lines.end(long.line, outcomes)
                self._lines.ended(long.origin, outcomes)
                long.line, long.origin = None, PhysicalLine(long.end)
