"""Sort the lines of a block: records and noise that are proven in bulk, and what the reference must judge."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingest.fast.claims import braces_of_v2, claims, v2_records_in
from ingest.fast.compact import compact_records
from ingest.fast.extract import extracted
from ingest.fast.ragged import Block, Mask, Places, gathered, lines_of
from ingest.fast.records import braces_of_v1, v1_records_in
from ingest.fast.shape import (
    GLUED_LINE,
    GLUED_LINE_V2,
    HINT,
    NOT_NOISE,
    OPEN_ENDED,
    RECORD_LINE,
    RECORD_LINE_V2,
    SAYS_V2,
    fitting,
)
from ingest.lines import LINE_LIMIT

_OPEN, _CLOSE, _RETURN, _ZERO, _NINE = b"{}\r09"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The lines of a block, in order. Each is a proven record, proven noise, or for the reference.

    `is_open_ended` marks those for the reference that may be a piece of a longer line: what follows them
    must not be taken out of order. The marks of records and noise hold while no line is open. `is_glued`
    records have other text before them.
    """

    block: Block
    starts: Places
    ends: Places
    is_v1: Mask
    is_v2: Mask
    is_glued: Mask
    is_noise: Mask
    is_open_ended: Mask


@dataclass(frozen=True, slots=True)
class Found:
    """Proven records of one version as columns of `ingest.columns.RECORDS`, those of v2 with `claims`.

    Row n is that of line `numbers[n]`, its `line_offset` counts from the beginning of the block. A row
    that is not `is_sound` has a time that does not exist: it is for the reference after all.
    """

    numbers: Places
    records: pa.Table
    is_sound: Mask


@dataclass(frozen=True, slots=True)
class Proven:
    """A block, sorted, and its proven records."""

    lines: Sorted
    found: tuple[Found, ...]


def prove(block: Block) -> Proven:
    """Sort the lines of `block`, which ends with a newline, and take the records out of it."""
    lines = sort_lines(block)
    found = []
    for is_record, places_in in ((lines.is_v1, v1_records_in), (lines.is_v2, v2_records_in)):
        numbers = np.flatnonzero(is_record)
        if len(numbers):
            places = places_in(block, numbers, lines.starts[numbers], lines.is_glued[numbers])
            records, is_sound = extracted(places)
            if is_record is lines.is_v2:
                records = records.append_column("claims", claims(places, records))
            found.append(Found(numbers, records, is_sound))
    return Proven(lines, tuple(found))


def sort_lines(block: Block) -> Sorted:
    """Sort the lines of `block`, which ends with a newline."""
    ends = block.line_ends
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    count = len(ends)
    is_long = ends - starts > LINE_LIMIT
    is_v1 = compact_records(block, starts, ends) & ~is_long
    lines, is_left = lines_of(block, ends), ~is_v1 & ~is_long
    # Records end with a brace, whatever stands before them.
    last = block.bytes[np.maximum(ends - 2, 0)]
    is_closed = (last == _CLOSE) | ((last == _RETURN) & (block.bytes[np.maximum(ends - 3, 0)] == _CLOSE))
    first = block.bytes[starts]
    may_be_record = is_left & is_closed & ((first == _OPEN) | ((first >= _ZERO) & (first <= _NINE)))
    closed = _Rest(lines, may_be_record)
    v1 = closed.take_out(RECORD_LINE)
    v2 = closed.take_out_v2(RECORD_LINE_V2)
    rest = _Rest(lines, is_left & ~_marked(count, v1, v2))
    is_noise = ~fitting(rest.lines, NOT_NOISE)
    noise = rest.numbers[is_noise]
    rest.keep(~is_noise)
    open_ended = rest.take_out(OPEN_ENDED)
    rest.keep(is_closed[rest.numbers])
    glued_v1 = _following_noise(block, starts, ends, rest.take_out(GLUED_LINE), braces_of_v1)
    glued_v2 = _following_noise(block, starts, ends, rest.take_out_v2(GLUED_LINE_V2), braces_of_v2)
    return Sorted(
        block,
        starts,
        ends,
        is_v1=is_v1 | _marked(count, v1, glued_v1),
        is_v2=_marked(count, v2, glued_v2),
        is_glued=_marked(count, glued_v1, glued_v2),
        is_noise=_marked(count, noise),
        is_open_ended=_marked(count, open_ended) | is_long,
    )


class _Rest:
    """Lines that nothing was proven of so far, and their numbers: those of all that are chosen."""

    def __init__(self, lines: pa.Array, is_chosen: Mask) -> None:
        self.lines = lines
        self.numbers = np.arange(len(lines))
        self.keep(is_chosen)

    def take_out(self, pattern: str) -> Places:
        """The numbers of those that fit."""
        fits = fitting(self.lines, pattern)
        taken = self.numbers[fits]
        if len(taken):
            self.keep(~fits)
        return taken

    def take_out_v2(self, pattern: str) -> Places:
        """The same with a pattern of v2, which takes long to compile: only where some say that they are."""
        return self.take_out(pattern) if fitting(self.lines, SAYS_V2).any() else self.numbers[:0]

    def keep(self, is_kept: Mask) -> None:
        """Leave the others."""
        if is_kept.all():
            return
        self.lines, self.numbers = self.lines.filter(pa.array(is_kept)), self.numbers[is_kept]


def _following_noise(
    block: Block, starts: Places, ends: Places, numbers: Places, braces: Callable[[Block, Places], Places]
) -> Places:
    """Those lines with nothing before the record, which begins at its brace, that looks like telemetry."""
    begins = starts[numbers]
    before = gathered(block, begins, braces(block, ends[numbers]) - begins, pa.binary())
    return numbers[~fitting(before, HINT)]


def _marked(count: int, *numbers: Places) -> Mask:
    marks = np.zeros(count, dtype=np.bool_)
    for some in numbers:
        marks[some] = True
    return marks
