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
with `NaN` or `\\x` is for `ingest.validate` to say, which needs the whole object for it.
"""

import json
import re
from collections.abc import Iterator

from msgspec import Struct

_WS = rb"[ \t\r\n]*+"
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A value that is complete, with what ends it; or the bracket that opens a value.
_VALUE = rb"(?:(?:" + _STRING + rb'|[^ \t\r\n"\\{}\[\],:]++)' + _WS + rb"([,}\]])|([{\[]))"
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

    __slots__ = ("fresh", "inside", "is_object", "keys", "start")

    def __init__(self, start: int, is_object: bool) -> None:
        self.start = start
        self.is_object = is_object
        self.keys = 0
        self.inside: list[tuple[int, int]] = []
        self.fresh = True  # nothing read yet: it may close at once


def outermost(text: bytes) -> Iterator[Found]:
    """The complete objects of `text` that no other complete object holds, from left to right."""
    complete: dict[int, int] = {}  # start of each object closed inside a failed one -> its end
    telling: dict[int, Found] = {}  # those of them that have any of telemetry's keys, or hold such
    failed: set[int] = set()
    position = 0
    while (match := _START.search(text, position)) is not None:
        start = match.start()
        position = start + 1
        if start in failed:
            continue
        if start not in complete:
            _read(text, start, complete, telling, failed)
        if start in complete:
            position = complete[start]
            yield telling.get(start) or Found(start, position, 0, ())


def _read(
    text: bytes, start: int, complete: dict[int, int], telling: dict[int, Found], failed: set[int]
) -> None:
    """Read the object at `start`, and remember what becomes of it and of every object inside it."""
    stack = [_Frame(start, True)]
    position = start + 1
    while stack:
        frame = stack[-1]
        match = (_MEMBER if frame.is_object else _ITEM).match(text, position)
        if match is not None:
            if frame.is_object:
                frame.keys |= _bit(match[1])
                closer, opener = match[2], match[3]
            else:
                closer, opener = match[1], match[2]
            position = match.end()
            frame.fresh = False
            if opener is not None:
                stack.append(_Frame(position - 1, opener == b"{"))
                continue
        elif frame.fresh and (empty := _EMPTY[frame.is_object].match(text, position)) is not None:
            position = empty.end()
            closer = b"}" if frame.is_object else b"]"
        else:
            break
        while closer != b",":
            frame = stack[-1]
            if frame.is_object != (closer == b"}"):
                break
            stack.pop()
            _close(frame, position, stack, complete, telling)
            after = _NEXT.match(text, position) if stack else None
            if after is None:
                break
            closer, position = after[1], after.end()
        else:
            continue
        break
    failed.update(frame.start for frame in stack if frame.is_object)


def _close(
    frame: _Frame, end: int, stack: list[_Frame], complete: dict[int, int], telling: dict[int, Found]
) -> None:
    if frame.is_object:
        complete[frame.start] = end
        if frame.keys or frame.inside:
            telling[frame.start] = Found(frame.start, end, frame.keys, tuple(frame.inside))
    if stack:
        marked = frame.keys & MARKS == MARKS and frame.keys.bit_count() >= SHAPED
        stack[-1].inside += [(frame.start, end)] if marked else frame.inside


def _bit(key: bytes) -> int:
    if b"\\" in key:
        try:
            key = b'"%s"' % json.loads(key).encode("utf-8", "surrogatepass")
        except ValueError:
            return 0
    return _BITS.get(key, 0)
