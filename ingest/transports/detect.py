"""Which transport carried this line: asked for every line, so files may mix them."""

import re
from itertools import chain, islice

from ingest.transports import cloudwatch, envelopes, otlp, prefixed, syslog, timestamped
from ingest.transports.message import Message, Several
from ingest.transports.seams import ObjectSplitter

BOM = b"\xef\xbb\xbf"
# Colours, and what moves the cursor. ECMA-48 knows more, ending in any of @-~; but a brace behind a colour
# that was cut begins a record.
_CONTROL_SEQUENCE = re.compile(rb"\x1b\[[0-9;:?]*+[A-Za-z]")
_DIGITS = b"0123456789"
_BEFORE_OBJECTS = (b"{", BOM[:1], b"\x1b")


def plain(text: bytes) -> bytes:
    """`text` without terminal control sequences and without a byte order mark at its start."""
    if b"\x1b" in text:
        text = _CONTROL_SEQUENCE.sub(b"", text)
    return text.removeprefix(BOM)


def parse(line: bytes) -> Message | Several:
    """The message of one line, given without what ends it. Always an answer: raw if nothing else."""
    line = plain(line)
    return _carried(line) or Message(line)


def splitter(line: bytes) -> ObjectSplitter | None:
    """What cuts a physical line that begins with `line` into lines of one object each; None: it is one."""
    if line[:1] not in _BEFORE_OBJECTS:
        return None
    line = plain(line)
    beginning = otlp.BEGINS.match(line) or cloudwatch.BEGINS.match(line)
    return None if beginning is None else ObjectSplitter(beginning[0])


def _carried(line: bytes) -> Message | Several | None:
    first = line[:1]
    if first == b"{":
        return _in_braces(line)
    if first == b"[":
        return prefixed.parse_pod(line)
    if first == b"<":
        return syslog.parse(line)
    if first and first in _DIGITS:
        return timestamped.parse(line) or syslog.parse(line) or prefixed.parse_compose(line)
    return prefixed.parse_compose(line)


def _in_braces(line: bytes) -> Message | Several | None:
    found = otlp.messages(line)
    if found is None:
        found = cloudwatch.messages(line)
    if found is None:
        return envelopes.parse(line)
    messages = iter(found)
    first, *second = islice(messages, 2)
    return Several(chain((first, *second), messages)) if second else first
