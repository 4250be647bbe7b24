"""The columns that records of both versions have, where their shape is proven."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gates.decision.bucket import BUCKETS
from ingest.columns import RECORDS, words
from ingest.fast.headers import headers
from ingest.fast.ragged import SCALES, Mask, gathered, hashed, left_number
from ingest.fast.records import Records, after_key, texts
from schemas.codes import contradiction

_OPENAI = ord("o")
_PATHS = ("stub", "openai")
_STATUSES = ("STUB", "COMPLETED", "FAILED")
_STATUS_OF_LETTER = np.zeros(256, dtype=np.int32)
_STATUS_OF_LETTER[[ord("S"), ord("C"), ord("F")]] = (0, 1, 2)
# The bits of the first bytes of a word that are set in every digit, and not in a point.
_BITS = np.array([((1 << 8 * count) - 1) & 0x1010101010101010 for count in range(9)], dtype=np.uint64)


def extracted(records: Records) -> tuple[pa.Table, Mask]:
    """The records as columns of `RECORDS`; `line_offset` counts from the beginning of the block.

    Also which of them have no time, or one that exists; what is said of the others is wrong.
    """
    text = records.block.bytes
    count = len(records.starts)
    time_ns, stream, is_sound = headers(records)
    job_begin = records.quote(10) + 1
    job_length = records.quote(11) - job_begin
    path = (text[records.quote(14) + 1] == _OPENAI).astype(np.int32)
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
            words(_PATHS, path),
            words(_STATUSES, status),
            codes,
            pa.array(_latencies(records)),
            _contradictions(path, status, codes),
        ],
        schema=RECORDS,
    )
    return table, is_sound


def _versions(records: Records) -> pa.Array:
    """Mostly one version serves a whole block."""
    begins = records.quote(6) + 1
    lengths = records.quote(7) - begins
    if len(begins) and 8 <= lengths[0] <= 16 and (lengths == lengths[0]).all():
        heads, tails = records.block.words[begins], records.block.words[begins + lengths[0] - 8]
        if (heads == heads[0]).all() and (tails == tails[0]).all():
            one = records.block.data[begins[0] : begins[0] + lengths[0]].decode("ascii")
            return words([one], np.zeros(len(begins), dtype=np.int32))
    return gathered(records.block, begins, lengths, pa.string()).dictionary_encode()


def _codes(records: Records) -> pa.Array:
    has_code = records.has_code
    opening = np.where(has_code, 24, 21)
    begins = records.quote(opening) + 1
    lengths = np.where(has_code, records.quote(opening + has_code) - begins, 0)
    return texts(records.block, begins, lengths, has_code).dictionary_encode()


def _latencies(records: Records) -> npt.NDArray[np.float64]:
    """Decimal literals of at most 15 digits."""
    begins = after_key(records.block, records.quote(21))
    lengths = records.latency_ends - begins
    short = np.minimum(lengths, 8)
    words = records.block.words[begins]
    latency = (left_number(words, short) // SCALES[short]).astype(np.float64)
    is_other = (lengths > 8) | ((words & _BITS[short]) != _BITS[short])
    if is_other.any():
        data = records.block.data
        places = zip(begins[is_other].tolist(), lengths[is_other].tolist(), strict=True)
        latency[is_other] = [float(data[begin : begin + length]) for begin, length in places]
    found: npt.NDArray[np.float64] = latency
    return found


def _contradictions(
    path: npt.NDArray[np.int32], status: npt.NDArray[np.int32], codes: pa.DictionaryArray
) -> pa.DictionaryArray:
    """Judged once for each combination that occurs."""
    code = codes.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    names = [*codes.dictionary.to_pylist(), None]  # -1 is the last: no code
    keys = (code + 1) * 6 + status * 2 + path
    said: dict[str, int] = {}
    number_of = np.full(6 * len(names), -1, dtype=np.int32)
    for key in np.flatnonzero(np.bincount(keys, minlength=len(number_of))).tolist():
        code_no, rest = divmod(key, 6)
        why = contradiction(_PATHS[rest % 2], _STATUSES[rest // 2], names[code_no - 1])
        if why is not None:
            number_of[key] = said.setdefault(why, len(said))
    return words(list(said), number_of[keys])
