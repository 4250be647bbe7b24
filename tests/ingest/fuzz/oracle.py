"""What the telemetry in a text must become, by nothing that ingest uses.

The text of a message is searched by the obvious method: a complete object that begins furthest left counts,
and the next search begins behind it (docs/file-formats.md, "Records in a line"). An object with three of
telemetry's own keys is a record, and JSON Schema says whether it is valid: the exported schemas, by
`jsonschema_rs`. What JSON Schema cannot see is looked at here: bytes that are no UTF-8, keys that stand
twice, NaN and infinities, numbers beyond a double, half surrogate pairs, text behind the object.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isinf
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

_SCHEMAS = Path(__file__).parents[3] / "schemas" / "json"
_VALIDATORS = [
    Draft202012Validator((_SCHEMAS / f"slot-generation-telemetry.{version}.schema.json").read_text("utf-8"))
    for version in ("v1", "v2")
]
# What stands behind a key that is there twice is there, too: an object is the list of its values.
_EVERY_VALUE = json.JSONDecoder(object_pairs_hook=lambda pairs: [value for _, value in pairs])
_COLOUR = re.compile(rb"\x1b\[[0-9;:?]*[A-Za-z]")
_TOKEN = re.compile(r'[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^ \t\r\n"\\{}\[\]:,]+)', re.DOTALL)
_OWN = frozenset({"executorVersion", "jobId", "path", "status", "latencyMs", "errorCode"})
_MARKS = frozenset({"executorVersion", "jobId"})
_SHAPED = 3
_CLAIMS = ("controlsRevision", "gate", "ruleId", "bucket", "attempt", "model")
_TOKENS = ("inputTokens", "outputTokens", "totalTokens")

Row = tuple[object, ...]
"""The values of an accepted record: those of v1 in the contract's order, then those of v2 or nothing."""


@dataclass
class Judged:
    """What a text holds: the rows of its valid records, and other complete candidates, both in order.

    Of a refused one stands here whether it says path openai for everybody to read: exposure unknown.
    `torn` counts the stretches between records that name both marks: each is quarantined, perhaps in parts.
    """

    rows: list[Row] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    torn: int = 0


@dataclass
class _Object:
    start: int
    own: set[str] = field(default_factory=set)
    marked: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0

    @property
    def is_shaped(self) -> bool:
        return len(self.own) >= _SHAPED


def judge(text: bytes) -> Judged:
    """What the text of one message holds."""
    text = _COLOUR.sub(b"", text)
    shown = text.decode("latin-1")  # one character a byte: places are the same
    judged = Judged()
    loose, at = "", 0
    while (start := shown.find("{", at)) >= 0:
        found = _object_at(shown, start)
        if found is None:
            loose += shown[at : start + 1]
            at = start + 1
            continue
        loose += shown[at:start]
        at = found.end
        if found.is_shaped:
            judged.torn += _names_both(loose)
            loose = ""
            row = row_of(text[start : found.end])
            if row is None:
                judged.refused.append(says_openai(text[start : found.end]))
            else:
                judged.rows.append(row)
        else:
            judged.refused += [says_openai(text[first:last]) for first, last in found.marked]
            loose += "\n"  # what stands on both sides of an object is no one word
    judged.torn += _names_both(loose + shown[at:])
    return judged


def anywhere(line: bytes) -> set[Row]:
    """The rows of the valid records in a line, or in any string of the JSON that it is."""
    rows = set(judge(line).rows)
    for said in _values(_COLOUR.sub(b"", line).decode("utf-8", "replace")):
        for text in _texts(said):
            rows |= set(judge(text).rows)
    return rows


def _values(text: str) -> Iterator[object]:
    """The JSON objects of a text, wherever they stand."""
    at = 0
    while (start := text.find("{", at)) >= 0:
        at = start + 1
        with suppress(ValueError, RecursionError):
            value, at = _EVERY_VALUE.raw_decode(text, start)
            yield value


def _texts(value: object) -> Iterator[bytes]:
    match value:
        case str():
            yield value.encode("utf-8", "surrogatepass")
            with suppress(ValueError):
                yield b64decode(value, validate=True)
        case list():
            with suppress(TypeError, ValueError):
                yield bytes(value)
            for one in value:
                yield from _texts(one)


def _names_both(loose: str) -> bool:
    return all(f'"{mark}"' in loose for mark in _MARKS)


def _object_at(text: str, start: int) -> _Object | None:
    """The complete object that begins at `start`; scalars and the insides of strings are not judged."""
    open_: list[_Object | None] = []  # None is a list
    expected, at = "value", start
    key = ""
    while (match := _TOKEN.match(text, at)) is not None:
        token, at = match[1], match.end()
        first = token[0]
        match expected:
            case "value" | "first item" if first == "{":
                open_.append(_Object(match.start(1)))
                expected = "first key"
            case "value" | "first item" if first == "[":
                open_.append(None)
                expected = "first item"
            case "value" | "first item" if first not in "}]:,":
                expected = "next"
            case "first key" | "key" if first == '"':
                key = token
                expected = "colon"
            case "colon" if first == ":":
                holder = open_[-1]
                assert holder is not None
                if (name := _name(key)) in _OWN:
                    holder.own.add(name)
                expected = "value"
            case "next" if first == ",":
                expected = "value" if open_[-1] is None else "key"
            case "next" | "first key" if first == "}" and open_[-1] is not None:
                closed = open_.pop()
                assert closed is not None
                closed.end = at
                if not open_:
                    return closed
                _tell(closed, open_)
                expected = "next"
            case "next" | "first item" if first == "]" and open_[-1] is None:
                open_.pop()
                expected = "next"
            case _:
                return None
    return None


def _tell(closed: _Object, open_: list[_Object | None]) -> None:
    """What holds an object learns where those are inside it that hold both marks, outermost only."""
    holder = next(one for one in reversed(open_) if one is not None)
    is_one = closed.is_shaped and closed.own >= _MARKS
    holder.marked += [(closed.start, closed.end)] if is_one else closed.marked


def says_openai(raw: bytes) -> bool:
    """Whether a JSON object, however odd, says path openai, be it beside another path."""
    try:
        pairs = _PAIRS.decode(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return ("path", "openai") in pairs


_PAIRS = json.JSONDecoder(object_pairs_hook=list, strict=False)


def _name(key: str) -> str:
    if "\\" not in key:
        return key[1:-1]
    try:
        return str(json.loads(key))
    except ValueError:
        return ""


class _NotStrict(Exception):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise _NotStrict
    return document


def _no_constant(_literal: str) -> Any:
    raise _NotStrict


def _float(literal: str) -> float:
    if isinf(number := float(literal)):
        raise _NotStrict
    return number


def _int(literal: str) -> int:
    _float(literal)
    return int(literal)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_float=_float, parse_int=_int, parse_constant=_no_constant
)


def row_of(raw: bytes) -> Row | None:
    """The values of a valid record, None for any other text."""
    try:
        text = raw.decode("utf-8")
        document = _STRICT.decode(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (_NotStrict, ValueError, RecursionError):
        return None
    return _row(document) if any(validator.is_valid(document) for validator in _VALIDATORS) else None


def _row(document: dict[str, Any]) -> Row:
    shared = tuple(document[key] for key in ("executorVersion", "jobId", "path", "status"))
    row: Row = (*shared, document.get("errorCode"), abs(float(document["latencyMs"])))
    if document["version"] == "v1":
        return row
    usage = document["usage"] or dict.fromkeys(_TOKENS)
    return (
        *row,
        _emitted_ns(document["emittedAt"]),
        *(document[key] for key in _CLAIMS),
        *(usage[key] for key in _TOKENS),
        document["requestId"],
    )


def _emitted_ns(text: str) -> int | None:
    """Nanoseconds since 1970; None for a day that no calendar has, and beyond 64 bits."""
    zone = "+00:00" if text.endswith("Z") else text[-6:]
    fraction = text[19 : -1 if text.endswith("Z") else -6].removeprefix(".")
    try:
        since = datetime.fromisoformat(text[:19] + zone) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    seconds = since.days * 86_400 + since.seconds
    at = seconds * 1_000_000_000 + int(fraction.ljust(9, "0"))
    return at if abs(at) < 2**63 else None
