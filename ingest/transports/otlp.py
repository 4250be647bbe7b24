"""OTLP log records on a line: `{"resourceLogs":[{"resource",…,"scopeLogs":[{"logRecords":[{…}]}]}]}`.

The JSON form of https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: times are nanoseconds as
text, and a `timeUnixNano` of 0 is unknown, for which `observedTimeUnixNano` stands. The names of attributes
are those of the semantic conventions, and `logtag` that of the collector's container parser.

A body is text, bytes, or a map as Fluent Bit sends it: then its text is under log, message or msg, or the map
is what a parser made of a telemetry line, and is made one again.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from ingest.timestamps import from_digits
from ingest.transports import timestamped
from ingest.transports.envelopes import SHAPED, TELEMETRY_KEYS, first_text, shipped
from ingest.transports.items import Items, read
from ingest.transports.message import Message

RESOURCE_NAMES = (
    "k8s.pod.name",
    "k8s.container.name",
    "container.name",
    "container.id",
    "service.name",
    "service.instance.id",
    "host.name",
)
"""The attributes of a resource that tell its container."""

RECORD_ID = "log.record.uid"
STREAM_NAMES = ("log.iostream", "stream")
TAG_NAMES = ("logtag", "_p")
"""P for a piece of a line, F for its last piece."""

BEGINS = re.compile(rb'\{[ \t]*+"resourceLogs"[ \t]*+:')
_TEXT_KEYS = ("log", "message", "msg")


def messages(text: bytes) -> Iterable[Message] | None:
    """The messages of one export request, one for each record; None where it is none.

    A request that cannot be read or has no record, and a record that is none, is a message that is `damaged`.
    """
    if BEGINS.match(text) is None:
        return None
    request = read(text, ("resourceLogs", "scopeLogs", "logRecords"))
    try:
        records = [] if request is None else list(_records(request))
    except ValueError:
        records = []
    if sum(len(items) for _, items in records) > 1:
        return _of_records(records)
    only = next(_of_records(records), None)
    return [Message(text, damaged=True) if only is None or only.damaged else only]


def _records(request: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Items]]:
    """The lists of records, each with its resource. Raises `ValueError` where a list is something else."""
    for of_resource in _lists(request, "resourceLogs"):
        resource = of_resource.get("resource")
        for of_scope in _lists(of_resource, "scopeLogs"):
            records = of_scope.get("logRecords", [])
            if isinstance(records, Items):
                yield resource if isinstance(resource, dict) else {}, records
            elif records != []:
                raise ValueError


def _lists(holder: Mapping[str, Any], name: str) -> list[Any]:
    found = holder.get(name, [])
    if not isinstance(found, list):
        raise ValueError
    return found


def _of_records(records: Iterable[tuple[Mapping[str, Any], Items]]) -> Iterator[Message]:
    for resource, items in records:
        try:
            container = _container(_attributes(resource))
        except ValueError:
            yield from (Message(item.raw, damaged=True) for item in items)
            continue
        for item in items:
            try:
                found = None if item.value is None else _of_record(container, item.value)
            except (ValueError, OverflowError):
                found = None
            yield found or Message(item.raw, container=container, damaged=True)


def _of_record(container: str | None, record: Mapping[str, Any]) -> Message:
    names = _attributes(record)
    outer = _of_body(record.get("body"))
    stream = first_text(names, *STREAM_NAMES) or outer.stream
    tag = first_text(names, *TAG_NAMES)
    container = container or outer.container
    message = Message(
        outer.text,
        _time(record) or outer.time_ns,
        stream if stream in ("stdout", "stderr") else None,
        container,
        first_text(names, RECORD_ID),
        outer.partial if tag is None else tag.partition(":")[0] == "P",
    )
    # A collector that tails CRI files without its container parser sends their lines as they stand.
    inner = timestamped.parse(outer.text, container)
    if inner is None or inner.stream is None:
        return message
    return msgspec.structs.replace(inner, native_id=message.native_id)


def _time(record: Mapping[str, Any]) -> int | None:
    for name in ("timeUnixNano", "observedTimeUnixNano"):
        found = record.get(name)
        at = from_digits(str(found), 1) if isinstance(found, str | int) else None
        if at:
            return at
    return None


def _attributes(holder: Mapping[str, Any]) -> dict[str, Any]:
    return _map(holder.get("attributes", []))


def _container(names: Mapping[str, Any]) -> str | None:
    """`POD/CONTAINER` as in Kubernetes' own names; else the service, and where it runs."""
    pod, container = first_text(names, "k8s.pod.name"), first_text(names, "k8s.container.name")
    if pod and container:
        return f"{pod}/{container}"
    service = first_text(names, "service.name")
    place = first_text(names, "container.name", "container.id", "service.instance.id", "host.name")
    return f"{service}@{place}" if service and place else service or place


def _of_body(body: object) -> Message:
    value = _value(body)
    if isinstance(value, dict):
        return _of_map(value)
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    elif not isinstance(value, bytes):
        value = b"" if value is None else _written(value)
    return Message(value.removesuffix(b"\n").removesuffix(b"\r"))


def _of_map(value: Mapping[str, Any]) -> Message:
    if len(TELEMETRY_KEYS & value.keys()) >= SHAPED:
        return Message(_written(value))
    text = next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str)), None)
    if text is None:
        return Message(_written(value))
    return shipped(value) or Message(text.encode("utf-8", "surrogatepass").removesuffix(b"\n"))


def _written(value: object) -> bytes:
    return json.dumps(value, default=lambda found: found.decode("utf-8", "replace")).encode("ascii")


def _value(found: object) -> Any:
    """An AnyValue as the value that it stands for. Raises `ValueError` where it is none."""
    if found is None or found == {}:
        return None
    if not isinstance(found, dict) or len(found) != 1:
        raise ValueError
    [(kind, value)] = found.items()
    match kind:
        case "stringValue" if isinstance(value, str):
            return value
        case "boolValue" if isinstance(value, bool):
            return value
        case "intValue" if isinstance(value, str | int):
            return int(value)
        case "doubleValue" if isinstance(value, str | int | Decimal):
            return float(value)
        case "doubleValue" if value is None:  # not finite, or beyond what the decoder takes for a number
            return None
        case "bytesValue" if isinstance(value, str):
            return base64.b64decode(value, validate=True)
        case "arrayValue" if isinstance(value, dict):
            return [_value(one) for one in _listed(value)]
        case "kvlistValue" if isinstance(value, dict):
            return _map(_listed(value))
        case _:
            raise ValueError


def _listed(found: Mapping[str, Any]) -> list[Any]:
    values = found.get("values", [])
    if not isinstance(values, list):
        raise ValueError
    return values


def _map(pairs: object) -> dict[str, Any]:
    """Pairs of key and AnyValue. Raises `ValueError`, also for a key that is there twice."""
    if not isinstance(pairs, list) or not all(isinstance(one, dict) for one in pairs):
        raise ValueError
    found = {str(one.get("key", "")): _value(one.get("value")) for one in pairs}
    if len(found) != len(pairs):
        raise ValueError
    return found
