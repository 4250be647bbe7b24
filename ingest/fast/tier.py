"""Sort the lines of a block: records and noise that are proven in bulk, and what the reference must judge."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.fast.extract import extracted, records_in
from ingest.fast.ragged import Block, Mask, Places, gathered, lines_of
from ingest.fast.shape import GLUED_LINE, HINT, OPEN_ENDED, RECORD_LINE
from ingest.lines import LINE_LIMIT

_NEWLINE, _BRACE = b"\n{"


@dataclass(frozen=True, slots=True)
class Sorted:
    """The lines of a block, in order. Each is a proven record, proven noise, or for the reference.

    `is_open_ended` marks those for the reference that may be a piece of a longer line: what follows them
    must not be taken out of order. The marks of `is_record` and `is_noise` hold while no line is open.
    `is_glued` records have other text before them.
    """

    block: Block
    starts: Places
    ends: Places
    is_record: Mask
    is_glued: Mask
    is_noise: Mask
    is_open_ended: Mask


@dataclass(frozen=True, slots=True)
class Proven:
    """A block, sorted, and its proven records as columns of `ingest.columns.RECORDS`.

    Row n is that of line `numbers[n]`, its `line_offset` counts from the beginning of the block. A row
    that is not `is_sound` has a time that does not exist: it is for the reference after all.
    """

    lines: Sorted
    numbers: Places
    records: pa.Table
    is_sound: Mask


def prove(block: Block) -> Proven:
    """Sort the lines of `block`, which ends with a newline, and take the records out of it."""
    lines = sort_lines(block)
    numbers = np.flatnonzero(lines.is_record)
    places = records_in(block, lines.starts[numbers], lines.ends[numbers], lines.is_glued[numbers])
    records, is_sound = extracted(places)
    return Proven(lines, numbers, records, is_sound)


def sort_lines(block: Block) -> Sorted:
    """Sort the lines of `block`, which ends with a newline."""
    ends = np.flatnonzero(block.bytes == _NEWLINE) + 1
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    lines = lines_of(block, ends)
    is_short = ends - starts <= LINE_LIMIT
    is_record = _fits(lines, RECORD_LINE) & is_short
    others = np.flatnonzero(~is_record)
    rest = lines.take(pa.array(others))
    is_open = _fits(rest, OPEN_ENDED) | ~is_short[others]
    has_hint = _fits(rest, HINT)
    is_open_ended, is_noise = np.zeros_like(is_record), np.zeros_like(is_record)
    is_open_ended[others] = is_open
    is_noise[others] = ~has_hint & ~is_open
    likely = np.flatnonzero(has_hint & ~is_open)
    candidates = others[likely[_fits(rest.take(pa.array(likely)), GLUED_LINE)]]
    is_glued = np.zeros_like(is_record)
    is_glued[candidates] = _follows_noise(block, starts[candidates], ends[candidates])
    return Sorted(block, starts, ends, is_record | is_glued, is_glued, is_noise, is_open_ended)


def _follows_noise(block: Block, starts: Places, ends: Places) -> Mask:
    """Whether nothing before the record, which begins at the line's last brace, looks like telemetry."""
    braces = np.flatnonzero(block.bytes == _BRACE)
    lengths = braces[np.searchsorted(braces, ends) - 1] - starts
    return ~_fits(gathered(block, starts, lengths, pa.binary()), HINT)


def _fits(lines: pa.Array, pattern: str) -> Mask:
    fits: Mask = pc.match_substring_regex(lines, pattern).to_numpy(zero_copy_only=False)
    return fits
