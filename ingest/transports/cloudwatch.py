"""The events of a CloudWatch Logs subscription: one JSON object, or several behind each other on a line.

    {"messageType":"DATA_MESSAGE","owner","logGroup","logStream","subscriptionFilters":[…],
     "logEvents":[{"id","timestamp":ms,"message"},…]}

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html. The order of the keys is
not promised. A CONTROL_MESSAGE only checks that the destination can be reached.

An event's message is what a program wrote, or what a runtime or a shipper made of that: a line of CRI, or a
JSON envelope.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.timestamps import from_digits
from ingest.transports import envelopes, timestamped
from ingest.transports.envelopes import SHAPED, TELEMETRY_KEYS, first_text
from ingest.transports.items import Item, Items, read
from ingest.transports.message import Message

BEGINS = re.compile(
    rb'\{[ \t]*+"(?:messageType|owner|logGroup|logStream|subscriptionFilters|logEvents|policyLevel)"[ \t]*+:'
)
_MILLISECOND = 1_000_000


def messages(text: bytes) -> Iterable[Message] | None:
    """The messages of one object, one for each event; None where it is no CloudWatch object.

    An object that cannot be read, and an event that is none, is a message that is `damaged`. One without
    events, as a CONTROL_MESSAGE is, is its own message.
    """
    if BEGINS.match(text) is None or b'"messageType"' not in text or b'"logEvents"' not in text:
        return None
    found = read(text, ("logEvents",))
    if found is None:
        return [Message(text, damaged=True)]
    if len(TELEMETRY_KEYS & found.keys()) >= SHAPED:
        return None
    kind, events = found.get("messageType"), found.get("logEvents")
    if kind == "CONTROL_MESSAGE":
        return [Message(text)]
    if kind != "DATA_MESSAGE" or not isinstance(events, Items):
        return [Message(text, damaged=True)]
    return _of_events(events, _container(found)) if len(events) else [Message(text)]


def _of_events(events: Items, container: str | None) -> Iterator[Message]:
    return (_of_event(event, container) for event in events)


def _container(found: Mapping[str, Any]) -> str | None:
    """`OWNER:GROUP:STREAM`; neither of the names may have a colon."""
    names = [first_text(found, key) for key in ("owner", "logGroup", "logStream")]
    return ":".join(name for name in names if name) or None


def _of_event(event: Item, container: str | None) -> Message:
    value = event.value
    text = None if value is None else value.get("message")
    if value is None or not isinstance(text, str):
        return Message(event.raw, container=container, damaged=True)
    written = text.encode("utf-8", "surrogatepass").removesuffix(b"\n").removesuffix(b"\r")
    inner = _inner(written)
    at = value.get("timestamp")
    time_ns = from_digits(str(at), _MILLISECOND) if isinstance(at, int) else None
    return Message(
        inner.text,
        time_ns if inner.time_ns is None else inner.time_ns,
        inner.stream,
        inner.container or container,
        first_text(value, "id"),
        inner.partial,
        inner.damaged,
    )


def _inner(text: bytes) -> Message:
    if text.startswith(b"{"):
        return envelopes.parse(text) or Message(text)
    found = timestamped.parse(text)
    # A time without a stream is the program's own, and stays in its text.
    return Message(text) if found is None or found.stream is None else found
