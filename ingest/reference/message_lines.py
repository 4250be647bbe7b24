"""The messages of physical lines, put together to logical lines, and every line counted once."""

from ingest.contract.outcomes import Noise, Outcome
from ingest.reference.logical_lines import LogicalLine, outcomes_of
from ingest.reference.partials import Joiner
from ingest.reference.physical_lines import PhysicalLine
from ingest.transports.message import Message, Several

# Lines may overlap for ever, one always waiting. After so many bytes all are given up, for a checkpoint.
CHECKPOINT_BYTES = 1 << 24


class MessageLines:
    """Takes the messages of one source in order, from the line at `offset` on; outcomes go into a list.

    `lines` is how many physical lines have ended; `record_lines` and `noise_lines` what they turned out to
    be, `joined_pieces` those that only went on with what earlier ones began. `quiet` is the last beginning of
    a line at which nothing was open; `joiner` has the lines that wait.
    """

    def __init__(self, offset: int) -> None:
        self.lines = 0
        self.record_lines = 0
        self.noise_lines = 0
        self.joined_pieces = 0
        self.quiet = offset
        self._met = -1  # the beginning of the line whose messages are being read
        self.joiner = Joiner()

    def whole(self, offset: int, found: Message | Several, outcomes: list[Outcome]) -> None:
        """A whole physical line."""
        if type(found) is Message and not self.joiner.waiting and not found.partial:
            self.lines += 1
            self.quiet = self._met = offset
            held = outcomes_of(found, offset)
            if type(held[0]) is Noise:
                self.noise_lines += 1
            else:
                self.record_lines += 1
            outcomes += held
            return
        origin = PhysicalLine(offset)
        for message in found.messages if isinstance(found, Several) else (found,):
            self._message(origin, message, outcomes)
        self.ended(origin, outcomes)

    def _message(self, origin: PhysicalLine, message: Message, outcomes: list[Outcome]) -> None:
        """One of the messages of a physical line."""
        line = self.continued(origin.offset, message, outcomes)
        if line is None and not message.partial:
            origin.begin()
            found = outcomes_of(message, origin.offset, origin.found)
            if type(found[0]) is Noise:
                origin.close(found[0].raw)
                return
            origin.close(b"")
            origin.found += len(found)
            outcomes += found
            return
        line = line or LogicalLine(origin, message)
        outcomes += line.add(message.text)
        self.piece(line, message, origin.offset, outcomes)

    def continued(self, offset: int, message: Message, outcomes: list[Outcome]) -> LogicalLine | None:
        """The line that `message` goes on with; those that it comes too late for are given up."""
        if self.joiner.waiting:
            if offset - self.quiet > CHECKPOINT_BYTES:
                given_up = self.joiner.drain()
            else:
                given_up = self.joiner.expire(message, offset)
            for line in given_up:
                self.end(line, outcomes)
        self.meet(offset)
        return self.joiner.take(message)

    def meet(self, offset: int) -> None:
        """Remember the beginning of a line as quiet, if nothing is open there, not only somewhere in it."""
        if not self.joiner.waiting and offset != self._met:
            self.quiet = offset
        self._met = offset

    def piece(self, line: LogicalLine, message: Message, offset: int, outcomes: list[Outcome]) -> None:
        """A message has ended that went into `line`."""
        if not message.partial:
            self.end(line, outcomes)
            return
        for given_up in self.joiner.wait(line, message, offset):
            self.end(given_up, outcomes)

    def give_up_all(self, outcomes: list[Outcome]) -> None:
        """Nothing more comes: what waits is read as it stands."""
        for line in self.joiner.drain():
            self.end(line, outcomes)

    def end(self, line: LogicalLine, outcomes: list[Outcome]) -> None:
        """A logical line has ended."""
        outcomes += line.finish()
        self._settle(line.origin, outcomes)

    def ended(self, origin: PhysicalLine, outcomes: list[Outcome]) -> None:
        """A physical line has ended; what began in it may still wait for more."""
        self.lines += 1
        origin.has_ended = True
        if origin.begun:
            self._settle(origin, outcomes)
        else:
            self.joined_pieces += 1

    def _settle(self, origin: PhysicalLine, outcomes: list[Outcome]) -> None:
        if not origin.is_settled:
            return
        if origin.found:
            self.record_lines += 1
        else:
            self.noise_lines += 1
            outcomes.append(origin.noise())
