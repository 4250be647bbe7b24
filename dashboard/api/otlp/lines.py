"""An export request as lines of the spool: one record a line, as `ingest.transports.otlp` reads them.

Every line names its record by the digest of the request and a number. A request that is sent again, because
its answer was lost, gives the same names: ingest counts it once, whenever that is (ADR 0163).
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from dashboard.api.otlp.export import (
    Attributed,
    Encoding,
    Export,
    OfResource,
    OfScope,
    Pair,
    Record,
    Value,
)
from ingest.lines import LINE_LIMIT
from ingest.transports.otlp import RECORD_ID, RESOURCE_NAMES, STREAM_NAMES, TAG_NAMES

PIECE = 1 << 17
"""Characters, or bytes, of one piece of a longer body: JSON may need six for one, and a line is bounded."""

_LONGEST_NAME = 512
_RECORD_NAMES = (*STREAM_NAMES, *TAG_NAMES)
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Lines:
    """`data` is whole lines; `rejected` records are not in it, because of `why`."""

    data: bytes
    rejected: int
    why: str


def digest_of(body: bytes, encoding: Encoding, token_id: str) -> str:
    """What names a request: its sender's token, and its bytes as they are without compression."""
    return sha256(b"\0".join((token_id.encode(), encoding.encode(), body))).hexdigest()[:40]


def lines_of(export: Export, digest: str) -> Lines:
    """All records of the request that `digest` names."""
    lines, without_body, too_large = list[bytes](), 0, 0
    for number, (resource, record) in enumerate(export.records()):
        if record.body is None or record.body == Value():
            without_body += 1
            continue
        found = [_line(resource, piece, f"{digest}-{number}") for piece in _pieces(record)]
        if any(len(line) > LINE_LIMIT for line in found):
            too_large += 1
        else:
            lines += found
    why = [f"{without_body} have no body"] if without_body else []
    why += [f"{too_large} are maps that are larger than a line may be"] if too_large else []
    return Lines(b"".join(lines), without_body + too_large, ", ".join(why))


def _line(resource: list[Pair], record: Record, name: str) -> bytes:
    record.attributes = [*(record.attributes or []), Pair(RECORD_ID, Value(string_value=name))]
    kept = Attributed(_named(resource, RESOURCE_NAMES))
    return _ENCODER.encode(Export([OfResource(kept, [OfScope([record])])])) + b"\n"


def _pieces(record: Record) -> list[Record]:
    """The record, its attributes reduced to those that are kept; in pieces where its body is long."""
    names = _named(record.attributes or [], _RECORD_NAMES)
    bodies = _bodies(record.body or Value())
    tags = [one for one in names if one.key in TAG_NAMES]
    others = [one for one in names if one.key not in TAG_NAMES]
    last = tags or ([Pair(TAG_NAMES[0], Value(string_value="F"))] if len(bodies) > 1 else [])
    more = [Pair(TAG_NAMES[0], Value(string_value="P"))]
    return [
        Record(
            record.time_unix_nano,
            record.observed_time_unix_nano,
            [*others, *(last if number == len(bodies) else more)],
            body,
        )
        for number, body in enumerate(bodies, 1)
    ]


def _bodies(body: Value) -> list[Value]:
    text = body.string_value
    if text is not None and len(text) > PIECE:
        return [Value(string_value=text[at : at + PIECE]) for at in range(0, len(text), PIECE)]
    if body.bytes_value is None or len(body.bytes_value) <= PIECE:
        return [body]
    try:
        data = base64.b64decode(body.bytes_value, validate=True)
    except (binascii.Error, ValueError):
        return [body]  # what it is is for ingest to say
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    return [Value(bytes_value=base64.b64encode(piece).decode("ascii")) for piece in pieces]


def _named(attributes: list[Pair], names: tuple[str, ...]) -> list[Pair]:
    """Those of `names` that are there as text, each once."""
    found: dict[str, Pair] = {}
    for one in attributes:
        text = None if one.value is None else one.value.string_value
        if one.key in names and text is not None and len(text) <= _LONGEST_NAME:
            found.setdefault(one.key, Pair(one.key, Value(string_value=text)))
    return list(found.values())
