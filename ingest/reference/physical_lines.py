"""A physical line in which logical lines begin: mostly one, and several where a transport packs messages."""

from ingest.contract.outcomes import Noise


class PhysicalLine:
    """What the messages of one line share: its place, and the count that tells its records apart.

    It has records, or it is noise; that is settled when it has ended and no logical line that began in it
    is open any more.
    """

    def __init__(self, offset: int, found: int = 0) -> None:
        self.offset = offset
        self.found = found  # records so far, valid or not: the index of the next
        self.begun = 0  # logical lines that began in it
        self.open = 0
        self.has_ended = False
        self._sample = b""

    @property
    def is_settled(self) -> bool:
        """Whether no more can be found in it."""
        return self.has_ended and not self.open

    def begin(self) -> int:
        """A logical line begins in it: which one."""
        self.begun += 1
        self.open += 1
        return self.begun

    def close(self, sample: bytes) -> None:
        """A logical line that began in it has ended; `sample` is what it began with, masked."""
        self.open -= 1
        self._sample = self._sample or sample

    def noise(self) -> Noise:
        """The outcome of a line without records."""
        return Noise(self.offset, self._sample)
