"""The bytes of one source, in; columns to store, out. Memory stays bounded whatever the source holds.

Most lines are proven in bulk (`ingest.fast`), some blocks ahead in threads. The others go to the
reference, and so does everything after a line that may be a piece of a longer one, until no line is
open any more.
"""

from bisect import bisect_left
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest import columns
from ingest.columns import RECORDS
from ingest.contract.outcomes import Accepted, Noise, Outcome, Quarantined
from ingest.fast.ragged import Block, Mask, Places
from ingest.fast.tier import Proven, Sorted, prove
from ingest.reference.parser import SourceParser
from ingest.sources.counts import Counts
from ingest.transports import detect

NOISE_SAMPLES = 100
"""How many noise lines of a source are kept to look at."""

PROVING_THREADS = 2
"""Give the pool so many: the second has work only where proving is what the others wait for."""

_BLOCKS_AHEAD = 1

_LONGEST_CARRY = 1 << 20
_WORTH_A_THREAD = 1 << 18


@dataclass(slots=True)
class Taken:
    """What came out since it was last taken: proven records as columns, the judged as (offset, outcome)."""

    proven: list[pa.Table] = field(default_factory=list)
    accepted: list[tuple[int, Accepted]] = field(default_factory=list)
    quarantined: list[tuple[int, Quarantined]] = field(default_factory=list)
    noise: list[tuple[int, Noise]] = field(default_factory=list)

    @property
    def record_count(self) -> int:
        """How many records there are."""
        return len(self.accepted) + sum(int(table.num_rows) for table in self.proven)

    @property
    def row_count(self) -> int:
        """How many rows there are of all kinds."""
        return self.record_count + len(self.quarantined) + len(self.noise)

    @property
    def has_claims(self) -> bool:
        """Whether lines of v2 were proven among them."""
        return any("claims" in table.column_names for table in self.proven)

    def split(self, count: int) -> "tuple[Taken, Taken]":
        """The first `count` records, and all else."""
        records = self.records()
        rest = Taken([records.slice(count)], [], self.quarantined, self.noise)
        return Taken([records.slice(0, count)]), rest

    def add(self, later: "Taken") -> None:
        """Append what came later."""
        self.proven += later.proven
        self.accepted += later.accepted
        self.quarantined += later.quarantined
        self.noise += later.noise

    def records(self) -> pa.Table:
        """All records as columns."""
        return columns.joined([*self.proven, columns.records(self.accepted)])


class SourceReader:
    """Reads on from byte `start`, with nothing open there.

    `position` is the end of the whole lines read so far. Where `is_idle`, no line before it is open:
    reading may be taken up there again.
    """

    def __init__(self, start: int, noise_samples_held: int, pool: ThreadPoolExecutor) -> None:
        self.position = start
        self._pool = pool
        self._ahead: deque[Future[Proven]] = deque()
        self._parser = SourceParser()
        self._fed = 0
        # Lines that are no pieces of others are judged apart, so that they do not meet one that is open.
        self._apart = SourceParser()
        self._carry = b""
        # In a line without end: where one object ends and the next begins; empty where it has none.
        self._seam: bytes | None = None
        self._proven_records = 0
        self._proven_noise = 0
        self._samples_wanted = max(0, NOISE_SAMPLES - noise_samples_held)
        self._taken = Taken()

    @property
    def is_idle(self) -> bool:
        """Nothing before `position` is still open."""
        return self._parser.safe_offset == self._fed

    @property
    def rest(self) -> bytes:
        """After `drain`, the bytes after `position`: a line that has no end yet."""
        return self._carry

    @property
    def counts(self) -> Counts:
        """The lines so far; what becomes of their records is for the store to say."""
        proven = Counts(self._proven_records + self._proven_noise, self._proven_records, self._proven_noise)
        return proven + _counts(self._parser) + _counts(self._apart)

    @property
    def waiting(self) -> int:
        """How many rows wait to be taken."""
        return self._taken.row_count

    def feed(self, data: bytes) -> bytes | memoryview:
        """Read on; the bytes by which `position` moved are returned. Large blocks wait a little."""
        end = data.rfind(b"\n") + 1
        if end == 0 and len(self._carry) + len(data) > _LONGEST_CARRY:
            drained = self.drain()
            if self._seam is None:
                splitter = detect.splitter(self._carry + data)
                self._seam = b"" if splitter is None else splitter.seam
            data, self._carry = self._of_endless(self._carry + data)
            return b"".join((drained, data))
        if end == 0:
            self._carry += data
            return self.drain()
        self._seam = None
        block = Block(self._carry, memoryview(data)[:end])
        self._carry = data[end:]
        if block.size < _WORTH_A_THREAD:
            return b"".join((self.drain(), self._read_lines(prove(block))))
        self._ahead.append(self._pool.submit(prove, block))
        return self._drained(down_to=_BLOCKS_AHEAD)

    def _of_endless(self, data: bytes) -> tuple[bytes, bytes]:
        """Read more of a line without end, up to where an object of it ends; what was read, and the rest."""
        end = data.rfind(self._seam) + 1 if self._seam else 0
        read = data[:end] if end else data  # where no object ends, the parser keeps what it needs
        self._judge(read, self.position)
        if end:
            begun = self.position + len(read) - self._fed
            self._keep([(outcome.offset + begun, outcome) for outcome in self._parser.end_line()])
        self.position += len(read)
        return read, data[len(read) :]

    def drain(self) -> bytes | memoryview:
        """Read what waits; the bytes by which `position` moved."""
        return self._drained(down_to=0)

    def _drained(self, down_to: int) -> bytes | memoryview:
        moved = []
        while len(self._ahead) > down_to:
            moved.append(self._read_lines(self._ahead.popleft().result()))
        return moved[0] if len(moved) == 1 else b"".join(moved)

    def finish(self) -> None:
        """The source ends here, and `drain` was called."""
        begun = self.position - self._fed
        if self._carry:
            self._judge(self._carry, self.position)
        self._keep([(outcome.offset + begun, outcome) for outcome in self._parser.finish()])

    def take(self) -> Taken:
        """What waits, and start anew."""
        taken, self._taken = self._taken, Taken()
        return taken

    def _read_lines(self, proven: Proven) -> memoryview:
        lines = proven.lines
        is_proven = lines.is_v1 | lines.is_v2 | lines.is_noise
        for found in proven.found:
            is_proven[found.numbers[~found.is_sound]] = False
        if self._samples_wanted:
            is_proven[np.flatnonzero(lines.is_noise)[: self._samples_wanted]] = False
        is_judged = self._judge_in_order(lines, is_proven)
        self._judge_apart(lines, np.flatnonzero(~is_proven & ~is_judged))
        is_proven &= ~is_judged
        self._proven_noise += int(np.count_nonzero(is_proven & lines.is_noise))
        for found in proven.found:
            self._keep_proven(found.records, is_proven[found.numbers])
        self.position += lines.block.size
        return memoryview(lines.block.data)[: lines.block.size]

    def _keep_proven(self, records: pa.Table, is_proven: Mask) -> None:
        if not is_proven.all():
            records = records.filter(pa.array(is_proven))
        self._proven_records += records.num_rows
        offsets = pc.add(records["line_offset"], pa.scalar(self.position, pa.int64()))
        self._taken.proven.append(records.set_column(0, RECORDS.field(0), offsets))

    def _judge_in_order(self, block: Sorted, is_proven: Mask) -> Mask:
        """Give the reference each open-ended line and what follows it, until no line is open; which lines."""
        is_judged = np.zeros(len(block.ends), dtype=np.bool_)
        if self.is_idle and not block.is_open_ended.any():
            return is_judged
        data, ends = block.block.data, block.ends.tolist()
        open_ended = np.flatnonzero(block.is_open_ended).tolist()
        proven = np.flatnonzero(is_proven).tolist()
        line = 0
        while True:
            end = line + 1
            if self.is_idle:
                following = bisect_left(open_ended, line)
                if following == len(open_ended):
                    return is_judged
                line = open_ended[following]
                # All up to the next proven line, at once: a proven line may be read alone if all is idle.
                following = bisect_left(proven, line)
                end = proven[following] if following < len(proven) else len(ends)
            elif line == len(ends):
                return is_judged
            begin = ends[line - 1] if line else 0
            self._judge(data[begin : ends[end - 1]], self.position + begin)
            is_judged[line:end] = True
            line = end

    def _judge_apart(self, block: Sorted, numbers: Places) -> None:
        """Give the reference lines that are no pieces of others, closed up."""
        if not len(numbers):
            return
        data = block.block.data
        starts, ends = block.starts[numbers], block.ends[numbers]
        text = b"".join([data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])
        begins = self._apart.safe_offset + np.cumsum(ends - starts) - (ends - starts)
        places = dict(zip(begins.tolist(), (starts + self.position).tolist(), strict=True))
        self._keep([(places[outcome.offset], outcome) for outcome in self._apart.feed(text)])

    def _judge(self, data: bytes, offset: int) -> None:
        """Give the reference the bytes at `offset` of the source, in order."""
        begun = offset - self._fed
        self._fed += len(data)
        self._keep([(outcome.offset + begun, outcome) for outcome in self._parser.feed(data)])

    def _keep(self, outcomes: list[tuple[int, Outcome]]) -> None:
        for offset, outcome in outcomes:
            if isinstance(outcome, Accepted):
                self._taken.accepted.append((offset, outcome))
            elif isinstance(outcome, Quarantined):
                self._taken.quarantined.append((offset, outcome))
            elif self._samples_wanted:
                self._samples_wanted -= 1
                self._taken.noise.append((offset, outcome))


def _counts(parser: SourceParser) -> Counts:
    return Counts(parser.lines, parser.record_lines, parser.noise_lines, parser.joined_pieces)
