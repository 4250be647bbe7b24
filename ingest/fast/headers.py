"""What stands before a proven record: a time, behind it CRI's stream and tag, or nothing."""

import numpy as np
import pyarrow as pa

from ingest.columns import WORD, words
from ingest.fast.ragged import Mask, window
from ingest.fast.records import Records
from ingest.fast.times import leading_times

_SPACE, _ZERO, _NINE, _F, _E = b" 09Fe"
_STREAMS = ("stdout", "stderr")  # no array: making the first, Arrow imports pandas
_HEADER = len(" stderr F ")
_LONGEST_TIME = len("2026-11-21T02:22:53.123456789+00:00")


def headers(records: Records) -> tuple[pa.Array, pa.Array, Mask]:
    """Times and streams: a line that begins with a digit has a header, any other has none."""
    block, starts = records.block, records.starts
    first = block.bytes[starts]
    is_timed = (first >= _ZERO) & (first <= _NINE)
    is_sound = np.ones(len(starts), dtype=np.bool_)
    if not is_timed.any():
        return pa.nulls(len(starts), pa.int64()), pa.nulls(len(starts), WORD), is_sound
    timed, braces, is_glued = starts[is_timed], records.braces[is_timed], records.is_glued[is_timed]
    is_framed = (block.bytes[braces - 2] == _F) | is_glued
    length = braces - timed - np.where(is_framed, _HEADER, 1)
    # Where other text follows the header, only the first blank tells the time's length.
    rows = window(block.bytes, timed[is_glued], _LONGEST_TIME + 1)
    length[is_glued] = (rows == _SPACE).argmax(axis=1)
    time_ns = np.zeros(len(starts), dtype=np.int64)
    time_ns[is_timed], is_sound[is_timed] = leading_times(block, timed, length)
    stream = np.full(len(starts), -1, dtype=np.int32)
    stream[is_timed] = np.where(is_framed, block.bytes[timed + length + len(" std")] == _E, -1)
    return (
        pa.array(time_ns, mask=~is_timed),
        words(_STREAMS, stream),
        is_sound,
    )
