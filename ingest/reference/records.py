"""Find what looks like telemetry in the text of a logical line, which may be longer than memory allows.

Three kinds of text count, in this order of sight:

- a complete object with at least three of telemetry's own keys, wherever it stands between other text;
- a complete object with both marks, `executorVersion` and `jobId`, inside another object that is none;
- other text, loose text, with both `"executorVersion"` and `"jobId"`: telemetry that was cut or broken.

What is quoted in a JSON string is no telemetry: its quotes are escaped. Text is searched in stretches of
`STRETCH` bytes that overlap by `OVERLAP`, so an object up to `OVERLAP` bytes is found wherever it stands.
"""

import re
from collections.abc import Generator, Iterator
from enum import Enum, auto

import msgspec
from msgspec import Struct

from ingest.contract.outcomes import RAW_LIMIT
from ingest.reference.objects import KEYS, SHAPED, Found, outermost
from ingest.transports.detect import plain

STRETCH = 1 << 20
OVERLAP = 1 << 16


class Kind(Enum):
    """Why a text caught the eye."""

    RECORD = auto()
    INSIDE = auto()
    BROKEN = auto()  # both marks, and its brackets close: not JSON
    CUT = auto()  # both marks, but no end, or no beginning
    TOO_LONG = auto()  # both marks, in a text longer than is read at once


class Candidate(Struct, frozen=True, gc=False):
    """Text that looks like telemetry. `raw` is all of it, except for `TOO_LONG`: its beginning."""

    kind: Kind
    raw: bytes
    claims_openai: bool


# Text without any of these holds no candidate. JSON can spell a letter of a key as \u00XX.
_HINT = re.compile(rb'"(?:executorVersion|jobId|path|status|latencyMs|errorCode)\\*"|\\u00')
# The closing quote is only looked at: where text was lost between two marks, they may share it.
_EVENT = re.compile(rb'\{(?=[ \t\r\n]*+")|"(executorVersion|jobId)(?=")')
_QUOTED_EVENT = re.compile(rb'\\*"(executorVersion|jobId)(?=\\*")')
_CLAIM = re.compile(rb'"path\\*"\s*+:\s*+\\*"(?:openai\b|o(?:p(?:e(?:na?)?)?)?\Z)', re.IGNORECASE)
_ESCAPED_LETTER = re.compile(rb"\\u00([2-7][0-9a-fA-F])")
_BRACE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|([{}])', re.DOTALL)
_BLANK = b" \t\r\n"
# Enough for a sample, and for a key that straddles its end to be masked.
_KEPT = RAW_LIMIT + 1024


def worth_a_look(text: bytes) -> bool:
    """Whether `text` can hold a candidate: cheap, and never wrong with False."""
    return _HINT.search(text) is not None


def claims_openai(raw: bytes) -> bool:
    """Whether a text that may not be readable says path openai, or is cut where it was going to."""
    if b"\\u00" in raw:
        raw = _ESCAPED_LETTER.sub(lambda match: bytes([int(match[1], 16)]), raw)
    return _CLAIM.search(raw) is not None


class Finder:
    """Finds the candidates of one logical line, given in pieces of any size.

    With `envelope`, the text is a JSON envelope that cannot be read: its marks count when quoted, too.
    """

    def __init__(self, *, envelope: bool = False) -> None:
        self._text = bytearray()
        self._envelope = envelope
        self._event = _QUOTED_EVENT if envelope else _EVENT
        # The loose text since the last candidate: its marks, and what was let go of it with a stretch.
        self._marks: set[bytes] = set()
        self._gone: bytes | None = None
        self._gone_claims = False

    @property
    def held(self) -> int:
        """How many bytes wait for more text; never more than a stretch."""
        return len(self._text)

    def add(self, text: bytes) -> Iterator[Candidate]:
        """Take more text. Stretches end at the same bytes, however the text is cut into pieces."""
        position = 0
        while len(text) - position > (room := STRETCH - len(self._text)):
            self._text += text[position : position + room]
            position += room
            stretch = self._take()
            searched = yield from self._search(stretch, max(len(stretch) - OVERLAP, 0), last=False)
            self._text += stretch[searched:]
        self._text += text[position:]

    def finish(self) -> Iterator[Candidate]:
        """The text has ended."""
        stretch = self._take()
        yield from self._search(stretch, len(stretch), last=True)

    def _take(self) -> bytes:
        stretch = plain(bytes(self._text))
        self._text.clear()
        return stretch

    def _search(self, text: bytes, limit: int, *, last: bool) -> Generator[Candidate, None, int]:
        """Candidates that begin before `limit`; returns where the next search has to begin."""
        start = position = 0  # of the loose text, and of the part of it that is not looked at yet
        for found in outermost(text) if worth_a_look(text) else ():
            if found.start >= limit:
                break
            if self._envelope and not found.is_shaped and not found.inside:
                continue  # the next envelope, behind a torn one: what it quotes is telemetry, too
            start, _ = yield from self._look(text, start, position, found.start, found.start)
            position = found.end
            yield from self._objects(text, found, start)
            if found.is_shaped:
                start = position
        limit = max(limit, position)
        start, limit = yield from self._look(text, start, position, limit, len(text))
        if last:
            yield from self._end_loose(text[start:])
        elif self._marks:
            if self._gone is None:
                self._gone = text[start:limit][:_KEPT]
            # A little further than is let go: the claim may straddle the limit.
            self._gone_claims |= claims_openai(text[start : limit + 64])
        return limit

    def _objects(self, text: bytes, found: Found, start: int) -> Iterator[Candidate]:
        if found.is_shaped:
            yield from self._end_loose(text[start : found.start])
            yield _whole(Kind.RECORD, text[found.start : found.end])
        for first, last in found.inside:
            yield _whole(Kind.INSIDE, text[first:last])

    def _look(
        self, text: bytes, start: int, position: int, limit: int, end: int
    ) -> Generator[Candidate, None, tuple[int, int]]:
        """Look for marks from `position` on that begin before `limit` and end before `end`.

        Loose text that has both marks ends where the next object may begin. Returns where the loose text
        at the limit began, and the limit, moved behind a mark that straddles it.
        """
        for match in self._event.finditer(text, position, end):
            here = match.start()
            if here >= limit:
                break
            if match[1] is not None:
                self._marks.add(match[1])
                limit = max(limit, match.end())
            elif len(self._marks) == 2:
                yield from self._end_loose(text[start:here])
                start = here
            elif not self._marks:
                start = here
        return start, limit

    def _end_loose(self, text: bytes) -> Iterator[Candidate]:
        """Loose text ends with `text`, behind what was let go."""
        if len(self._marks) == 2:
            if self._gone is None:
                yield _whole(Kind.BROKEN if _closes(text) else Kind.CUT, text)
            else:
                claims = self._gone_claims or claims_openai(text)
                yield Candidate(Kind.TOO_LONG, self._gone, claims)
        self._marks.clear()
        self._gone = None
        self._gone_claims = False


def whole_object(text: bytes) -> Candidate | None:
    """The candidate in a text that is one JSON object with three of telemetry's keys; None for all else.

    The shortcut of the search for the usual refused line: no complete object holds it, and what stands in it
    is not looked for. `text` has no escape sequences of a terminal.
    """
    if not text.startswith(b"{") or len(text) > OVERLAP:
        return None
    try:
        document = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(document, dict) or sum(key in document for key in KEYS) < SHAPED:
        return None
    return _whole(Kind.RECORD, text.rstrip(_BLANK))


def _whole(kind: Kind, raw: bytes) -> Candidate:
    return Candidate(kind, raw, claims_openai(raw))


def _closes(text: bytes) -> bool:
    """Whether `text` begins with a brace that closes in it."""
    depth = 0
    for match in _BRACE.finditer(text):
        if match[1] is not None:
            depth += 1 if match[1] == b"{" else -1
            if depth <= 0:
                return text.startswith(b"{")
    return False
