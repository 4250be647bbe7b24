"""The columns of records whose shape is proven: places follow from the quotes, which such a record has fixed.

Quotes of a record: 0-3 version, 4-7 executorVersion, 8-11 jobId, 12-15 path, 16-19 status, 20-21 the key
latencyMs, 22-23 the key errorCode if it is there, 24-25 its value if that is text.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gates.decision.bucket import BUCKETS
from ingest.columns import RECORDS
from ingest.fast.ragged import Block, Mask, Places, gathered, hashed, left_number, window
from ingest.fast.times import leading_times
from schemas.codes import contradiction

_QUOTE, _SPACE, _RETURN, _ZERO, _NINE, _OPENAI, _NULL, _F, _E = b'" \r09olFe'
_PATHS = ("stub", "openai")
_STATUSES = ("STUB", "COMPLETED", "FAILED")
_STATUS_OF_LETTER = np.zeros(256, dtype=np.int8)
_STATUS_OF_LETTER[[ord("S"), ord("C"), ord("F")]] = (0, 1, 2)
_STREAMS = ("stdout", "stderr")  # no array: making the first, Arrow imports pandas
_HEADER = len(" stderr F ")
_LONGEST_TIME = len("2026-11-21T02:22:53.123456789+00:00")
# The bits of the first bytes of a word that are set in every digit, and not in a point.
_BITS = np.array([((1 << 8 * count) - 1) & 0x1010101010101010 for count in range(9)], dtype=np.uint64)
_SCALES = 10 ** np.arange(8, -1, -1, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Records:
    """Records in a block. `quotes` are all quotes of the block, and `first` is the number of each record's
    first; `counts` is how many it has. `is_glued`: other text stands before the record.
    """

    block: Block
    starts: Places
    ends: Places
    quotes: Places
    first: Places
    counts: Places
    is_glued: Mask

    def quote(self, number: int) -> Places:
        """The place of a quote of each record."""
        found: Places = self.quotes[self.first + number]
        return found

    @property
    def braces(self) -> Places:
        """The place of each record's first byte."""
        return self.quote(0) - 1


def records_in(block: Block, starts: Places, ends: Places, is_glued: Mask) -> Records:
    """The records at the ends of lines from `starts` to `ends`."""
    quotes = np.flatnonzero(block.bytes == _QUOTE)
    # Before the newline and the brace stands what ends the value: a quote, the l of null, or a digit.
    final = block.bytes[ends - 3 - (block.bytes[ends - 2] == _RETURN)]
    counts = np.where(final == _QUOTE, 26, np.where(final == _NULL, 24, 22))
    return Records(block, starts, ends, quotes, np.searchsorted(quotes, ends) - counts, counts, is_glued)


def extracted(records: Records) -> tuple[pa.Table, Mask]:
    """The records as columns of `RECORDS`; `line_offset` counts from the beginning of the block.

    Also which of them have no time, or one that exists; what is said of the others is wrong.
    """
    text = records.block.bytes
    count = len(records.starts)
    time_ns, stream, is_sound = _headers(records)
    job_begin = records.quote(10) + 1
    job_length = records.quote(11) - job_begin
    path = (text[records.quote(14) + 1] == _OPENAI).astype(np.int8)
    status = _STATUS_OF_LETTER[text[records.quote(18) + 1]]
    codes = _codes(records)
    table = pa.table(
        [
            pa.array(records.starts),
            pa.array(np.zeros(count, dtype=np.int32)),
            pa.nulls(count, pa.string()),
            time_ns,
            stream,
            pa.nulls(count, pa.string()),
            _versions(records),
            gathered(records.block, job_begin, job_length, pa.string()),
            pa.array((hashed(text, job_begin, job_length) % BUCKETS).astype(np.uint8)),
            pa.array(_PATHS).take(pa.array(path)),
            pa.array(_STATUSES).take(pa.array(status)),
            codes,
            pa.array(_latencies(records)),
            _contradictions(path, status, codes),
        ],
        schema=RECORDS,
    )
    return table, is_sound


def _headers(records: Records) -> tuple[pa.Array, pa.Array, Mask]:
    """Times and streams: a line that begins with a digit has a header, any other has none."""
    block, starts = records.block, records.starts
    first = block.bytes[starts]
    is_timed = (first >= _ZERO) & (first <= _NINE)
    is_sound = np.ones(len(starts), dtype=np.bool_)
    if not is_timed.any():
        return pa.nulls(len(starts), pa.int64()), pa.nulls(len(starts), pa.string()), is_sound
    timed, braces, is_glued = starts[is_timed], records.braces[is_timed], records.is_glued[is_timed]
    is_framed = (block.bytes[braces - 2] == _F) | is_glued
    length: Places = braces - timed - np.where(is_framed, _HEADER, 1)
    # Where other text follows the header, only the first blank tells the time's length.
    rows = window(block.bytes, timed[is_glued], _LONGEST_TIME + 1)
    length[is_glued] = (rows == _SPACE).argmax(axis=1)
    time_ns = np.zeros(len(starts), dtype=np.int64)
    time_ns[is_timed], is_sound[is_timed] = leading_times(block, timed, length)
    stream = np.full(len(starts), -1)
    stream[is_timed] = np.where(is_framed, block.bytes[timed + length + len(" std")] == _E, -1)
    return (
        pa.array(time_ns, mask=~is_timed),
        pa.array(_STREAMS).take(pa.array(stream, mask=stream < 0)),
        is_sound,
    )


def _versions(records: Records) -> pa.Array:
    """Mostly one version serves a whole block."""
    begins = records.quote(6) + 1
    lengths = records.quote(7) - begins
    if len(begins) and 8 <= lengths[0] <= 16 and (lengths == lengths[0]).all():
        heads, tails = records.block.words[begins], records.block.words[begins + lengths[0] - 8]
        if (heads == heads[0]).all() and (tails == tails[0]).all():
            one = records.block.data[begins[0] : begins[0] + lengths[0]].decode("ascii")
            return pa.repeat(pa.scalar(one, pa.string()), len(begins))
    return gathered(records.block, begins, lengths, pa.string())


def _codes(records: Records) -> pa.Array:
    has_code = records.counts == 26
    ends = records.quotes[records.first + records.counts - 1]
    begins = np.where(has_code, records.quotes[records.first + records.counts - 2] + 1, ends)
    lengths = ends - begins
    texts = gathered(records.block, begins, lengths, pa.string())
    return pc.if_else(pa.array(has_code), texts, pa.scalar(None, pa.string()))


def _latencies(records: Records) -> npt.NDArray[np.float64]:
    """Decimal literals of at most 15 digits between the colon and what follows: a comma, or a brace."""
    text = records.block.bytes
    begins = records.quote(21) + 2
    begins = begins + (text[begins] == _SPACE)
    last_key = records.quotes[records.first + np.minimum(22, records.counts - 1)]
    before_key = last_key - 1 - (text[last_key - 1] == _SPACE)
    before_end = records.ends - 2 - (text[records.ends - 2] == _RETURN)
    lengths = np.where(records.counts == 22, before_end, before_key) - begins
    short = np.minimum(lengths, 8)
    words = records.block.words[begins]
    latency = (left_number(words, short) // _SCALES[short]).astype(np.float64)
    is_other = (lengths > 8) | ((words & _BITS[short]) != _BITS[short])
    if is_other.any():
        data = records.block.data
        places = zip(begins[is_other].tolist(), lengths[is_other].tolist(), strict=True)
        latency[is_other] = [float(data[begin : begin + length]) for begin, length in places]
    found: npt.NDArray[np.float64] = latency
    return found


def _contradictions(path: npt.NDArray[np.int8], status: npt.NDArray[np.int8], codes: pa.Array) -> pa.Array:
    """Judged once for each combination that occurs."""
    encoded = codes.dictionary_encode()
    code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    names = [*encoded.dictionary.to_pylist(), None]  # -1 is the last: no code
    keys = (code + 1) * 6 + status * 2 + path
    said: list[str | None] = [None] * (6 * len(names))
    for key in np.flatnonzero(np.bincount(keys, minlength=len(said))).tolist():
        code_no, rest = divmod(key, 6)
        said[key] = contradiction(_PATHS[rest % 2], _STATUSES[rest // 2], names[code_no - 1])
    return pa.array(said, pa.string()).take(pa.array(keys))
