"""Where the values of records are whose shape is proven: that follows from the quotes, which they have fixed.

Quotes of a record: 0-3 version, 4-7 executorVersion, 8-11 jobId, 12-15 path, 16-19 status, 20-21 the key
latencyMs, 22-23 the key errorCode if it is there, 24-25 its value if that is text.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.fast.ragged import Block, Bytes, Mask, Places, gathered

_QUOTE, _SPACE, _RETURN, _NULL = b'" \rl'


@dataclass(frozen=True, slots=True)
class Records:
    """Records in a block. `first` is the number of each record's first quote among all quotes of the block.

    `has_code`: an errorCode that is text stands at quotes 24 and 25. `latency_ends`: the byte behind the
    number. `is_glued`: other text stands before the record.
    """

    block: Block
    starts: Places
    ends: Places
    first: Places
    has_code: Mask
    latency_ends: Places
    is_glued: Mask

    def quote(self, number: int | Places) -> Places:
        """The place of a quote of each record."""
        found: Places = self.block.quotes[self.first + number]
        return found

    @property
    def braces(self) -> Places:
        """The place of each record's first byte."""
        return self.quote(0) - 1


def braces_of_v1(block: Block, ends: Places) -> Places:
    """Where the v1 records begin with which the lines to `ends` end: at the last brace."""
    found: Places = block.braces[np.searchsorted(block.braces, ends) - 1]
    return found


def quotes_of_v1(final: Bytes) -> Places:
    """How many quotes a v1 record has, by the end of its last value: a quote, the l of null, or a digit."""
    counts: Places = np.where(final == _QUOTE, 26, np.where(final == _NULL, 24, 22))
    return counts


def v1_records_in(block: Block, numbers: Places, starts: Places, is_glued: Mask) -> Records:
    """The v1 records at the ends of the lines of these numbers, which begin at `starts`."""
    ends = block.line_ends[numbers]
    before_end = ends - 2 - (block.bytes[ends - 2] == _RETURN)
    counts = quotes_of_v1(block.bytes[before_end - 1])
    first = block.quotes_before[numbers] - counts
    next_key = block.quotes[first + np.minimum(22, counts - 1)]
    latency_ends = np.where(counts == 22, before_end, before_key(block, next_key))
    return Records(block, starts, ends, first, counts == 26, latency_ends, is_glued)


def before_key(block: Block, key: Places) -> Places:
    """Where the value ends before the quote with which a key begins: at the comma."""
    comma: Places = key - 1 - (block.bytes[key - 1] == _SPACE)
    return comma


def after_key(block: Block, key_end: Places) -> Places:
    """Where the value begins behind the quote with which a key ends."""
    begin = key_end + 2
    begin += block.bytes[begin] == _SPACE
    return begin


def texts(block: Block, begins: Places, lengths: Places, is_text: Mask) -> pa.Array:
    """Slices of the block where there is text, else null."""
    found = gathered(block, begins, lengths, pa.string())
    return found if is_text.all() else pc.if_else(pa.array(is_text), found, pa.scalar(None, pa.string()))
