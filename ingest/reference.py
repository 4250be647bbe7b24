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

from typing import assert_never

from ingest.lines import LineSplitter, Part
from ingest.logical_lines import LogicalLine, accepted, outcomes_of
from ingest.outcomes import Noise, Outcome
from ingest.partials import Joiner
from ingest.transports import detect
from ingest.transports.message import Message
from ingest.validate import Invalid, Valid, valid_or_none, validate

__all__ = ["Invalid", "Message", "SourceParser", "Valid", "outcomes_of", "validate"]

# Lines may overlap for ever, one always waiting. After so many bytes all are given up, for a checkpoint.
CHECKPOINT_BYTES = 1 << 24
_RAW = Message(b"")


class SourceParser:
    """Parses one source from `offset` on, which is 0 or the `safe_offset` of an earlier parser.

    After `finish`, `lines == record_lines + noise_lines + joined_pieces`: physical lines as `wc -l` counts
    them (and a last one without newline); logical lines with records, and without; and the physical lines
    that went into the logical line of an earlier one.
    """

    def __init__(self, offset: int = 0) -> None:
        self.lines = 0
        self.record_lines = 0
        self.noise_lines = 0
        self.joined_pieces = 0
        self._splitter = LineSplitter(offset)
        self._joiner = Joiner()
        self._quiet = offset  # the last beginning of a line at which nothing was open
        self._long: tuple[LogicalLine, Message] | None = None  # what an over-long physical line goes into
        self._finished_at: int | None = None

    @property
    def safe_offset(self) -> int:
        """Where another parser may go on. Stays, after `finish`, before what had to be cut short."""
        if self._finished_at is not None:
            return self._finished_at
        return self._quiet if self._joiner.waiting or self._long is not None else self._splitter.offset

    def feed(self, block: bytes) -> list[Outcome]:
        """The outcomes of the lines that `block` completes, in the order in which the lines end."""
        outcomes: list[Outcome] = []
        whole, waiting = Part.WHOLE, self._joiner.waiting
        for part, offset, text in self._splitter.feed(block):
            if part is whole and not waiting and (valid := valid_or_none(text)) is not None:
                self.lines += 1
                self.record_lines += 1
                outcomes.append(accepted(valid, _RAW, offset, 0))
            else:
                self._part(part, offset, text, outcomes)
        return outcomes

    def finish(self) -> list[Outcome]:
        """The outcomes of what still waits: the source has ended. Nothing may be fed after this."""
        safe_offset = self.safe_offset
        outcomes: list[Outcome] = []
        for part, offset, text in self._splitter.finish():
            self._part(part, offset, text, outcomes)
        for line in self._joiner.drain():
            self._end(line, outcomes)
        self._finished_at = safe_offset
        return outcomes

    def _part(self, part: Part, offset: int, text: bytes, outcomes: list[Outcome]) -> None:
        match part:
            case Part.WHOLE:
                self._line(offset, detect.parse(text), outcomes)
            case Part.HEAD:
                message = detect.parse(text)
                line = self._continued(offset, message, outcomes) or LogicalLine(offset, message)
                self._long = (line, message)
                outcomes += line.add(message.text)
            case Part.MORE:
                if self._long is not None:
                    outcomes += self._long[0].add(text)
            case Part.END:
                if self._long is not None:
                    line, message = self._long
                    self._long = None
                    self._piece(line, message, offset, outcomes)
            case _:
                assert_never(part)

    def _line(self, offset: int, message: Message, outcomes: list[Outcome]) -> None:
        line = self._continued(offset, message, outcomes)
        if line is None and not message.partial:
            self.lines += 1
            found = outcomes_of(message, offset)
            if type(found[0]) is Noise:
                self.noise_lines += 1
            else:
                self.record_lines += 1
            outcomes += found
            return
        line = line or LogicalLine(offset, message)
        outcomes += line.add(message.text)
        self._piece(line, message, offset, outcomes)

    def _continued(self, offset: int, message: Message, outcomes: list[Outcome]) -> LogicalLine | None:
        if self._joiner.waiting:
            if offset - self._quiet > CHECKPOINT_BYTES:
                given_up = self._joiner.drain()
            else:
                given_up = self._joiner.expire(message, offset)
            for line in given_up:
                self._end(line, outcomes)
        if not self._joiner.waiting:
            self._quiet = offset
            return None
        return self._joiner.take(message)

    def _piece(self, line: LogicalLine, message: Message, offset: int, outcomes: list[Outcome]) -> None:
        """A physical line has ended that went into `line`."""
        self.lines += 1
        line.pieces += 1
        if not message.partial:
            self._end(line, outcomes)
            return
        for given_up in self._joiner.wait(line, message, offset):
            self._end(given_up, outcomes)

    def _end(self, line: LogicalLine, outcomes: list[Outcome]) -> None:
        outcomes += line.finish()
        self.joined_pieces += line.pieces - 1
        if line.found:
            self.record_lines += 1
        else:
            self.noise_lines += 1
