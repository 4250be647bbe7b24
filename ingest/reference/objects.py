"""Find the JSON objects in any text, in time proportional to its length.

An object may begin at every `{`, and what comes before and after is nobody's business: half of an error
body, HTML, another record. The answer is the one of the obvious method, "try to read an object at every
`{` from the left; where one is complete, go on behind it", which takes quadratic time on `{"a":{"a":…`.

Why one attempt per bracket is enough: when an object that was being read fails, every object open inside
it fails at the same place, and those closed inside it are complete; both are remembered. What is left to
try lies inside strings of the failed reading. Such a second reading always sees strings where the first
sees none and the other way round (a backslash, which would let them meet, ends the one that is not in a
string), so it never reaches a bracket of the first, and no third reading fits in. Every byte is read twice
at most.

The reading is strict about structure and lenient about scalars and the insides of strings: what is wrong
with `NaN` or `\\x` is for `ingest.contract.validate` to say, which needs the whole object for it.
"""

import json
import re
from collections.abc import Iterator

from msgspec import Struct

_WS = rb"[ \t\r\n]*+"
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A value that is complete, with what ends it; or the bracket that opens a value.
_VALUE = (
    rb"(?:(?:" + _STRING + rb'|[^ \t\r\n"\\{}\[\],:]++)' + _WS + rb"(?P<closer>[,}\]])|(?P<opener>[{\[]))"
)
_START = re.compile(rb"\{" + _WS + rb'(?:"|\})')
_MEMBER = re.compile(_WS + rb"(" + _STRING + rb")" + _WS + rb":" + _WS + _VALUE, re.DOTALL)
_ITEM = re.compile(_WS + _VALUE, re.DOTALL)
_EMPTY = {True: re.compile(_WS + rb"\}"), False: re.compile(_WS + rb"\]")}
_NEXT = re.compile(_WS + rb"([,}\]])")

KEYS = ("executorVersion", "jobId", "path", "status", "latencyMs", "errorCode")
_BITS = {f'"{key}"'.encode(): 1 << bit for bit, key in enumerate(KEYS)}
MARKS = _BITS[b'"executorVersion"'] | _BITS[b'"jobId"']
SHAPED = 3


class Found(Struct, frozen=True):
    """A complete object in `text[start:end]`.

    `keys` is a bit set over `KEYS` of those among its own. `inside` lists the outermost objects inside it
    that hold both marks of telemetry.
    """

    start: int
    end: int
    keys: int
    inside: tuple[tuple[int, int], ...]

    @property
    def is_shaped(self) -> bool:
        """Whether at least three of telemetry's own keys are there."""
        return self.keys.bit_count() >= SHAPED


class _Frame:
    """An object or array that is being read."""

    __slots__ = ("fresh", "is_object", "keys", "marked_before", "start")

    def __init__(self, start: int, is_object: bool, marked_before: int) -> None:
        self.start = start
        self.is_object = is_object
        self.keys = 0
        self.marked_before = marked_before
        self.fresh = True  # nothing read yet: it may close at once


class _Memory:
    """What earlier readings of the text found out."""

    def __init__(self) -> None:
        self.failed: set[int] = set()
        self.ends: dict[int, int] = {}  # start of each complete object -> its end
        self.telling: dict[int, tuple[int, int, int]] = {}  # those worth more words: keys, slice of `marked`
        self.marked: list[tuple[int, int]] = []  # objects with both marks, outermost only, in order

    def close(self, frame: _Frame, end: int) -> None:
        if not frame.is_object:
            return
        self.ends[frame.start] = end
        if frame.keys or len(self.marked) > frame.marked_before:
            self.telling[frame.start] = (frame.keys, frame.marked_before, len(self.marked))
        if frame.keys & MARKS == MARKS and frame.keys.bit_count() >= SHAPED:
            # Kept: an object that is shown is inside no complete one, so its slice was never cut like this.
            del self.marked[frame.marked_before :]
            self.marked.append((frame.start, end))

    def found(self, start: int) -> Found:
        keys, first, last = self.telling.get(start, (0, 0, 0))
        inside = self.marked[first:last] if keys.bit_count() < SHAPED else []
        return Found(start, self.ends[start], keys, tuple(inside))


def outermost(text: bytes) -> Iterator[Found]:
    """The complete objects of `text` that no other complete object holds, from left to right."""
    memory = _Memory()
    position = 0
    while (match := _START.search(text, position)) is not None:
        start = match.start()
        position = start + 1
        if start in memory.failed:
            continue
        if start not in memory.ends:
            _read(text, start, memory)
        if start in memory.ends:
            position = memory.ends[start]
            yield memory.found(start)


def _read(text: bytes, start: int, memory: _Memory) -> None:
    """Read the object at `start`, and remember what becomes of it and of every object inside it."""
    stack = [_Frame(start, True, len(memory.marked))]
    position = start + 1
    while stack:
        frame = stack[-1]
        match = (_MEMBER if frame.is_object else _ITEM).match(text, position)
        if match is not None:
            if frame.is_object:
                frame.keys |= _bit(match[1])
            opener, closer = match["opener"], match["closer"]
            position = match.end()
            if opener is not None:
                frame.fresh = False
                stack.append(_Frame(position - 1, opener == b"{", len(memory.marked)))
                continue
        elif frame.fresh and (empty := _EMPTY[frame.is_object].match(text, position)) is not None:
            closer = b"}" if frame.is_object else b"]"
            position = empty.end()
        else:
            break
        frame.fresh = False
        position = _unwind(text, position, closer, stack, memory)
        if position < 0:
            break
    memory.failed.update(frame.start for frame in stack if frame.is_object)


def _unwind(text: bytes, position: int, closer: bytes, stack: list[_Frame], memory: _Memory) -> int:
    """Close what closes here; the position behind the comma that follows, or -1 where nothing may follow."""
    while closer != b",":
        if stack[-1].is_object != (closer == b"}"):
            return -1
        memory.close(stack.pop(), position)
        after = _NEXT.match(text, position) if stack else None
        if after is None:
            return -1
        closer, position = after[1], after.end()
    return position


def _bit(key: bytes) -> int:
    if b"\\" in key:
        try:
            key = b'"%s"' % json.loads(key).encode("utf-8", "surrogatepass")
        except ValueError:
            return 0
    return _BITS.get(key, 0)
