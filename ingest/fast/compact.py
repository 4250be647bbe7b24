"""v1 records as JavaScript writes them, without a blank between values: proven by words of eight bytes.

An automaton looks at each byte in turn; here the texts of all lines together are compared with the few that a
record consists of. What is proven fits `shape.RECORD_LINE`; what is not, may fit it all the same.
"""

import numpy as np
import pyarrow as pa

from ingest.fast.ragged import FIRST_BYTES, Block, Mask, Places, Words, gathered
from ingest.fast.records import quotes_of_v1
from ingest.fast.shape import HEADER, LATENCY, fitting

_OPEN, _CLOSE, _QUOTE, _ZERO = b'{}"0'
_BEGIN = b'{"version":"v1","executorVersion":"'
_JOB = b'","jobId":"'
_TAILS = tuple(
    b'","path":"%s","status":"%s","latencyMs":' % pair
    for pair in ((b"stub", b"STUB"), (b"openai", b"COMPLETED"), (b"openai", b"FAILED"))
)
"""What stands between a job and its latency. Other pairs contradict themselves: the automaton takes them."""
_TEXT_CODE, _NO_CODE = b',"errorCode":"', b',"errorCode":null}\n'
_WORD = 8
_ZEROS, _BEYOND_NINE, _HIGH_BITS = (
    np.uint64(int.from_bytes(_WORD * byte, "little")) for byte in (b"0", b"\x76", b"\x80")
)


def compact_records(block: Block, starts: Places, ends: Places) -> Mask:
    """Which of the lines from `starts` to `ends`, all lines of `block`, are such records and nothing else.

    Before a record may stand what `shape.RECORD_LINE` has there: a time, or CRI's header.
    """
    numbers, braces = _with_one_brace(block)
    is_begun = _reads(_windows(block, braces, _BEGIN), _BEGIN)  # else blanks, or v2: no need to look further
    numbers, braces = numbers[is_begun], braces[is_begun]
    counts = quotes_of_v1(block.bytes[ends[numbers] - 3])
    first = block.quotes_before[numbers] - counts
    has_all = first >= 0
    numbers, braces, counts, first = numbers[has_all], braces[has_all], counts[has_all], first[has_all]
    fits = _fit(block, braces, ends[numbers], first, counts)
    headed = np.flatnonzero(fits & (braces != starts[numbers]))
    begins = starts[numbers[headed]]
    fits[headed] = _match(block, begins, braces[headed] - begins, HEADER)
    is_record = np.zeros(len(ends), dtype=np.bool_)
    is_record[numbers[fits]] = True
    return is_record


def _with_one_brace(block: Block) -> tuple[Places, Places]:
    """The numbers of the lines in which all is plain text but one opening brace, and where that is."""
    numbers = np.flatnonzero(np.diff(block.newlines, prepend=-1) == 2)
    last = block.newlines[numbers]
    braces = block.marks[last - 1]
    is_object = (block.bytes[braces] == _OPEN) & (block.bytes[block.marks[last] - 1] == _CLOSE)
    return numbers[is_object], braces[is_object]


def _fit(block: Block, braces: Places, ends: Places, first: Places, counts: Places) -> Mask:
    """Whether from each brace to its newline stands a record; it begins as one, and all of it is plain.

    `first` is the number of the quote with which one of so many quotes begins. The chain has no gap: what is
    compared begins where what was compared before ended, or at the quote with which a text ends.
    """
    after_version, after_job = block.quotes[first + 7], block.quotes[first + 11]
    fits: Mask = block.quotes[first] == braces + 1
    fits &= _reads(_windows(block, after_version, _JOB), _JOB)
    fits &= (after_version > braces + len(_BEGIN)) & (after_job > after_version + len(_JOB))
    windows = _windows(block, after_job, max(_TAILS, key=len))
    at, is_known = after_job.copy(), np.zeros(len(braces), dtype=np.bool_)
    for text in _TAILS:
        is_this = _reads(windows, text)
        is_known |= is_this
        at += is_this * len(text)
    fits &= is_known
    # Behind the number comes the key that begins with quote 22, or the end.
    number_ends = np.where(counts == 22, ends - 2, block.quotes[first + np.minimum(22, counts - 1)] - 1)
    fits &= number_ends > at
    fits &= _ends(block, number_ends, ends)
    fits[fits] = _are_latencies(block, at[fits], number_ends[fits])
    return fits


def _ends(block: Block, at: Places, ends: Places) -> Mask:
    """Whether behind the number comes an errorCode, which is not empty, or none."""
    windows = _windows(block, at, _NO_CODE)
    is_bare: Mask = (at == ends - 2) | ((at + len(_NO_CODE) == ends) & _reads(windows, _NO_CODE))
    is_text: Mask = (block.bytes[ends - 3] == _QUOTE) & (at + len(_TEXT_CODE) < ends - 3)
    is_text &= _reads(windows, _TEXT_CODE)
    return is_bare | is_text


def _are_latencies(block: Block, begins: Places, ends: Places) -> Mask:
    """Most are a few digits; the others are for the automaton."""
    lengths = ends - begins
    digits = (block.words[begins] ^ _ZEROS) & FIRST_BYTES[np.minimum(lengths, _WORD)]
    fits: Mask = ((digits + _BEYOND_NINE) & _HIGH_BITS) == 0
    fits &= (lengths <= _WORD) & (block.bytes[begins] != _ZERO)
    others = np.flatnonzero(~fits)
    fits[others] = _match(block, begins[others], lengths[others], LATENCY)
    return fits


def _match(block: Block, begins: Places, lengths: Places, pattern: str) -> Mask:
    """Whether the slices fit."""
    return fitting(gathered(block, begins, lengths, pa.binary()), pattern)


def _windows(block: Block, at: Places, text: bytes) -> Words:
    """A row of words from each place on, as many as hold `text`: to fetch many costs no more than one."""
    count = -(-len(text) // _WORD)
    shape, width = (len(block.data) - count * _WORD + 1,), np.dtype(f"V{count * _WORD}")
    everywhere = np.ndarray(shape, width, block.data, strides=(1,))
    return everywhere[at].view(np.uint64).reshape(-1, count)


def _reads(windows: Words, text: bytes) -> Mask:
    """Whether the windows begin with `text`."""
    found: Mask = np.ones(len(windows), dtype=np.bool_)
    for number in range(0, len(text), _WORD):
        word = text[number : number + _WORD]
        column = windows[:, number // _WORD]
        if len(word) < _WORD:
            column = column & FIRST_BYTES[len(word)]
        found &= column == np.uint64(int.from_bytes(word, "little"))
    return found
