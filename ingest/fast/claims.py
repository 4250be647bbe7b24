"""What v2 records say beyond v1, where their shape is proven: keys in their order, some with text or null."""

import numpy as np
import pyarrow as pa

from gates.decision.claims import claims_contradiction
from ingest.columns import CLAIMS
from ingest.combinations import numbered
from ingest.fast.ragged import Block, Mask, Places, whole_numbers
from ingest.fast.records import Records, after_key, before_key, texts
from ingest.fast.times import leading_times

_QUOTE, _OPEN, _CLOSE, _R, _N = b'"{}rn'
_OF_USAGE = int.from_bytes(b'"inputTo', "little")


def braces_of_v2(block: Block, ends: Places) -> Places:
    """Where the v2 records begin with which the lines to `ends` end: at the last brace but that of usage."""
    last = np.searchsorted(block.braces, ends) - 1
    is_usage = block.words[block.braces[last] + 1] == _OF_USAGE
    found: Places = block.braces[last - is_usage]
    return found


def v2_records_in(block: Block, numbers: Places, starts: Places, is_glued: Mask) -> Records:
    """The v2 records at the ends of the lines of these numbers, which begin at `starts`."""
    ends = block.line_ends[numbers]
    first = np.searchsorted(block.quotes, braces_of_v2(block, ends))
    key = block.quotes[first + 22]
    # Either key begins with an e: errorCode or emittedAt.
    has_code = (block.bytes[key + 2] == _R) & _is(_QUOTE, block, block.quotes[first + 23])
    return Records(block, starts, ends, first, has_code, before_key(block, key), is_glued)


def claims(records: Records, shared: pa.Table) -> pa.StructArray:
    """The claims of v2 records; `shared` has their columns of `RECORDS`."""
    found = _Reading(records)
    emitted, exists = found.time()
    revision, has_revision = found.number_or_null()
    gate = found.text_or_null()
    rule = found.text_or_null()
    bucket, _ = found.number_or_null()
    attempt, _ = found.number_or_null()
    model = found.text_or_null()
    tokens, has_usage = found.usage()
    request = found.text_or_null()
    no_usage = ~has_usage
    fields = [
        pa.array(emitted, mask=~exists),
        pa.array(revision, mask=~has_revision),
        gate,
        rule,
        pa.array(bucket.astype(np.uint8)),
        pa.array(attempt.astype(np.int32)),
        model,
        *(pa.array(numbers, mask=no_usage) for numbers in tokens),
        request,
        _contradictions(shared, gate, attempt, model, has_usage),
    ]
    return pa.StructArray.from_arrays(fields, fields=list(CLAIMS))


class _Reading:
    """Reads key after key; `_at` is the number of the quote with which each record's next one begins."""

    def __init__(self, records: Records) -> None:
        self._block = records.block
        block, first = records.block, records.first
        is_code = block.bytes[block.quotes[first + 22] + 2] == _R
        self._at = first + 22 + 2 * is_code + 2 * records.has_code

    def time(self) -> tuple[Places, Mask]:
        """Epoch nanoseconds, and whether there is such a day."""
        begins, ends = self._block.quotes[self._at + 2] + 1, self._block.quotes[self._at + 3]
        self._at = self._at + 4
        return leading_times(self._block, begins, ends - begins)

    def number_or_null(self) -> tuple[Places, Mask]:
        """Whole numbers, and where there is one."""
        begins = after_key(self._block, self._block.quotes[self._at + 1])
        self._at = self._at + 2
        ends = before_key(self._block, self._block.quotes[self._at])
        is_number: Mask = self._block.bytes[begins] != _N
        return whole_numbers(self._block, begins, np.where(is_number, ends - begins, 0)), is_number

    def text_or_null(self) -> pa.Array:
        """Text, or null."""
        key_end = self._at + 1
        is_text = _is(_QUOTE, self._block, self._block.quotes[key_end])
        begins = self._block.quotes[key_end + is_text] + 1
        lengths = np.where(is_text, self._block.quotes[key_end + 2 * is_text] - begins, 0)
        self._at = self._at + 2 + 2 * is_text
        return texts(self._block, begins, lengths, is_text)

    def usage(self) -> tuple[tuple[Places, ...], Mask]:
        """Tokens in, out and of both, and where they are told."""
        is_told = _is(_OPEN, self._block, self._block.quotes[self._at + 1])
        tokens = tuple(self._tokens(self._at[is_told] + 2 * number, is_told) for number in (1, 2, 3))
        self._at = self._at + 2 + 6 * is_told
        return tokens, is_told

    def _tokens(self, at: Places, is_told: Mask) -> Places:
        begins = after_key(self._block, self._block.quotes[at + 1])
        ends = before_key(self._block, self._block.quotes[at + 2])
        ends -= self._block.bytes[ends - 1] == _CLOSE
        numbers = np.zeros(len(is_told), dtype=np.int64)
        numbers[is_told] = whole_numbers(self._block, begins, ends - begins)
        return numbers


def _is(byte: int, block: Block, key_end: Places) -> Mask:
    """Whether the value behind a key begins with this byte."""
    found: Mask = block.bytes[after_key(block, key_end)] == byte
    return found


def _contradictions(
    shared: pa.Table, gate: pa.Array, attempt: Places, model: pa.Array, has_usage: Mask
) -> pa.Array:
    """Judged once for each combination that occurs."""
    told = {
        "path": shared["path"].combine_chunks(),
        "status": shared["status"].combine_chunks(),
        "error_code": shared["error_code"].combine_chunks(),
        "gate": gate,
        "attempt": pa.array(attempt),
        "tells_model": model.is_valid(),
        "tells_usage": pa.array(has_usage),
    }
    numbers, first = numbered(told.values())
    combinations = pa.table(told).take(pa.array(first)).to_pylist()
    said = [claims_contradiction(**one) for one in combinations]
    return pa.array(said, pa.string()).take(pa.array(numbers))
