"""Which transport carried this line: asked for every line, so files may mix them."""

import re

from ingest.transports import envelopes, otlp, prefixed, syslog, timestamped
from ingest.transports.message import Message

BOM = b"\xef\xbb\xbf"
# Colours, and what moves the cursor. ECMA-48 knows more, ending in any of @-~; but a brace behind a colour
# that was cut begins a record.
_CONTROL_SEQUENCE = re.compile(rb"\x1b\[[0-9;:?]*+[A-Za-z]")
_DIGITS = b"0123456789"


def plain(text: bytes) -> bytes:
    """`text` without terminal control sequences and without a byte order mark at its start."""
    if b"\x1b" in text:
        text = _CONTROL_SEQUENCE.sub(b"", text)
    return text.removeprefix(BOM)


def parse(line: bytes) -> Message:
    """The message of one physical line, given without its newline. Always an answer: raw if nothing else."""
    line = plain(line)
    return _carried(line) or Message(line)


def _carried(line: bytes) -> Message | None:
    first = line[:1]
    if first == b"{":
        return otlp.parse(line) or envelopes.parse(line)
    if first == b"[":
        return prefixed.parse_pod(line)
    if first == b"<":
        return syslog.parse(line)
    if first and first in _DIGITS:
        return timestamped.parse(line) or syslog.parse(line) or prefixed.parse_compose(line)
    return prefixed.parse_compose(line)
