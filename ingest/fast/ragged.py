"""Slices of one buffer as Arrow and numpy values."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PADDING = 64
"""Bytes behind the last line, so that words can be read beyond its end."""

_QUOTE, _BRACE, _BACKSLASH, _SPACE, _LAST_PLAIN, _NEWLINE = b'"{\\ ~\n'
_TENS = np.uint64(10), np.uint64(100), np.uint64(10_000)
_SHIFTS = np.uint64(8), np.uint64(16), np.uint64(32)
_PAIRS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF), np.uint64(0x00000000FFFFFFFF)
_LOW_NIBBLES = np.uint64(0x0F0F0F0F0F0F0F0F)
SCALES = 10 ** np.arange(8, -1, -1, dtype=np.uint64)
"""What `left_number` of so many characters is to be divided by."""
FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], dtype=np.uint64)
"""All bits of the first so many bytes of a word."""


class Block:
    """Whole lines of text, as bytes and as the eight-byte words that begin at each byte.

    `data` is followed by `PADDING` bytes of no meaning; `size` is without them.
    """

    def __init__(self, *parts: bytes | memoryview) -> None:
        self.data = b"".join((*parts, bytes(PADDING)))
        self.size = len(self.data) - PADDING
        self.bytes: Bytes = np.frombuffer(self.data, dtype=np.uint8)
        self.words: Words = np.ndarray((len(self.data) - 7,), np.dtype("<u8"), self.data, strides=(1,))

    @cached_property
    def quotes(self) -> Places:
        """The places of all quotes."""
        return np.flatnonzero(self.bytes == _QUOTE)

    @cached_property
    def line_ends(self) -> Places:
        """The places behind all newlines."""
        return self.marks[self.newlines] + 1

    @cached_property
    def quotes_before(self) -> Places:
        """How many quotes there are before the end of each line."""
        return np.searchsorted(self.quotes, self.line_ends)

    @cached_property
    def marks(self) -> Places:
        """The places of all bytes that are not plain: opening braces, backslashes, and no printable ASCII."""
        text = self.bytes[: self.size]
        is_mark: Mask = (text - np.uint8(_SPACE)) > _LAST_PLAIN - _SPACE
        is_mark |= text == _BACKSLASH
        is_mark |= text == _BRACE
        return np.flatnonzero(is_mark)

    @cached_property
    def newlines(self) -> Places:
        """The numbers, among the marks, of all newlines."""
        return np.flatnonzero(self.bytes[self.marks] == _NEWLINE)

    @cached_property
    def braces(self) -> Places:
        """The places of all opening braces."""
        found: Places = self.marks[self.bytes[self.marks] == _BRACE]
        return found


def lines_of(block: Block, ends: Places) -> pa.Array:
    """The lines of `block`, each up to and with the newline before its end; no byte is copied."""
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data)]
    return pa.Array.from_buffers(pa.binary(), len(ends), buffers)


def gathered(block: Block, starts: Places, lengths: Places, kind: pa.DataType) -> pa.Array:
    """The slices of `block` as an array of `kind`, string or binary; they follow one another.

    Read as slices and gaps in turn, they are an Arrow array already, of which every other one is taken.
    """
    offsets = np.empty(2 * len(starts) + 1, dtype=np.int32)
    offsets[0:-1:2] = starts
    offsets[1::2] = starts + lengths
    offsets[-1] = block.size
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data)]
    alternating = pa.Array.from_buffers(kind, 2 * len(starts), buffers)
    return alternating.take(pa.array(np.arange(0, 2 * len(starts), 2, dtype=np.int32)))


def window(buffer: Bytes, starts: Places, width: int) -> Bytes:
    """The `width` bytes from each start on, as rows."""
    rows: Bytes = buffer[starts[:, None] + np.arange(width)]
    return rows


def left_number(words: Words, counts: Places) -> Words:
    """The first `counts` (0..8) characters of each word, all digits, as if zeros followed up to eight."""
    digits = words & _LOW_NIBBLES & FIRST_BYTES[counts]
    for ten, shift, pairs in zip(_TENS, _SHIFTS, _PAIRS, strict=True):
        digits = (digits * ten + (digits >> shift)) & pairs
    return digits


def whole_numbers(block: Block, starts: Places, lengths: Places) -> Places:
    """The numbers of `lengths` (1..16) digits at `starts`."""
    short = np.minimum(lengths, 8)
    numbers = (left_number(block.words[starts], short) // SCALES[short]).astype(np.int64)
    more = np.flatnonzero(lengths > 8)
    if len(more):
        rest = lengths[more] - 8
        behind = left_number(block.words[starts[more] + 8], rest) // SCALES[rest]
        numbers[more] = numbers[more] * 10**rest + behind.astype(np.int64)
    return numbers


def hashed(buffer: Bytes, starts: Places, lengths: Places) -> npt.NDArray[np.uint32]:
    """h = 31·h + c over the bytes of each slice, modulo 2^32 (CONTRACTS section 6, for ASCII)."""
    if len(lengths) and lengths.min() == lengths.max():
        order, begins = None, starts
    else:
        order = np.argsort(-lengths, kind="stable")
        begins = starts[order]
    # How many slices are longer than 0, 1, 2, … bytes: each round takes one more byte of those.
    longer = len(lengths) - np.searchsorted(np.sort(lengths), np.arange(lengths.max(initial=0)), side="right")
    h = np.zeros(len(lengths), dtype=np.uint32)
    for place, count in enumerate(longer):
        h[:count] *= np.uint32(31)
        h[:count] += buffer[begins[:count] + place]
    if order is None:
        return h
    found = np.empty_like(h)
    found[order] = h
    return found
