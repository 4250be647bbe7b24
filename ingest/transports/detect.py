"""Which transport carried this line: asked for every line, so files may mix them."""

import re
from collections.abc import Iterable

from ingest.transports import cloudwatch, envelopes, otlp, prefixed, syslog, timestamped
from ingest.transports.message import Message, Several
from ingest.transports.seams import ObjectSplitter

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


def parse(line: bytes) -> Message | Several:
    """The message of one physical line, given without its newline. Always an answer: raw if nothing else."""
    line = plain(line)
    return _carried(line) or Message(line)


def splitter(head: bytes) -> ObjectSplitter | None:
    """What cuts a line that begins with `head` into objects that may carry several messages each.

    None for every other line.
    """
    beginning = otlp.BEGINS.match(head)
    if beginning is None and b'"messageType"' in head:
        beginning = cloudwatch.BEGINS.match(head)
    return None if beginning is None else ObjectSplitter(beginning[0])


def messages(text: bytes) -> Iterable[Message]:
    """The messages of one of those objects; at least one, and each made when it is asked for."""
    found = otlp.messages(text)
    if found is None:
        found = cloudwatch.messages(text)
    return [envelopes.parse(text) or Message(text)] if found is None else found


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
    cutting = splitter(line)
    if cutting is None:
        return envelopes.parse(line)
    objects = [text for _, text in (*cutting.feed(line), *cutting.finish())]
    found = [message for text in objects for message in messages(text)]
    return found[0] if len(found) == 1 else Several(tuple(found))
