"""The bytes of one source, in; columns to store, out. Memory stays bounded whatever the source holds."""

from dataclasses import dataclass, field

import pyarrow as pa

from ingest import columns
from ingest.counts import Counts
from ingest.outcomes import Accepted, Noise, Outcome, Quarantined
from ingest.reference import SourceParser
from ingest.store import rows

NOISE_SAMPLES = 100
"""How many noise lines of a source are kept to look at."""

_LONGEST_CARRY = 1 << 20


@dataclass(slots=True)
class Taken:
    """What came out since it was last taken."""

    records: list[pa.Table] = field(default_factory=list)
    quarantine: list[pa.Table] = field(default_factory=list)
    noise: list[pa.Table] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """How many rows wait."""
        return sum(table.num_rows for table in (*self.records, *self.quarantine, *self.noise))


class SourceReader:
    """Reads on from byte `start`, with nothing open there.

    `position` is the end of the whole lines read so far. Where `is_idle`, no line before it is open:
    reading may be taken up there again.
    """

    def __init__(self, start: int, noise_samples_held: int) -> None:
        self.position = start
        self._parser = SourceParser()
        self._shift = start
        self._fed = 0
        self._carry = b""
        self._samples_wanted = max(0, NOISE_SAMPLES - noise_samples_held)
        self._taken = Taken()

    @property
    def is_idle(self) -> bool:
        """Nothing before `position` is still open."""
        return self._parser.safe_offset == self._fed

    @property
    def rest(self) -> bytes:
        """The bytes after `position`: a line that has no end yet."""
        return self._carry

    @property
    def counts(self) -> Counts:
        """The lines so far; what becomes of their records is for the store to say."""
        parser = self._parser
        return Counts(parser.lines, parser.record_lines, parser.noise_lines, parser.joined_pieces)

    @property
    def waiting(self) -> int:
        """How many rows wait to be taken."""
        return self._taken.row_count

    def feed(self, data: bytes) -> bytes:
        """Read on; the bytes that became part of `position` are returned."""
        data = self._carry + data
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) > _LONGEST_CARRY:
            end = len(data)  # a line without end: the parser keeps what it needs of it
        whole, self._carry = data[:end], data[end:]
        if whole:
            self._parse(whole)
            self.position += len(whole)
        return whole

    def finish(self) -> None:
        """The source ends here."""
        if self._carry:
            self._parse(self._carry)
        self._keep(self._parser.finish())

    def take(self) -> Taken:
        """What waits, and start anew."""
        taken, self._taken = self._taken, Taken()
        return taken

    def _parse(self, data: bytes) -> None:
        outcomes = self._parser.feed(data)
        self._fed += len(data)
        self._keep(outcomes)

    def _keep(self, outcomes: list[Outcome]) -> None:
        accepted = [one for one in outcomes if type(one) is Accepted]
        quarantined = [one for one in outcomes if type(one) is Quarantined]
        if accepted:
            self._taken.records.append(columns.records(accepted, self._shift))
        if quarantined:
            self._taken.quarantine.append(columns.quarantine(quarantined, self._shift))
        if self._samples_wanted:
            noise = [one for one in outcomes if type(one) is Noise][: self._samples_wanted]
            self._samples_wanted -= len(noise)
            self._taken.noise.append(rows.noise_rows(noise, self._shift))
