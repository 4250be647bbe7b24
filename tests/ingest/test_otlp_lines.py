"""One OTLP log record on a line, as a message; lines with several are in test_several_messages.py."""

import base64
import json
from typing import Any

import pytest

from ingest.contract.outcomes import Accepted
from ingest.reference.parser import SourceParser
from ingest.transports.detect import parse
from ingest.transports.message import Message
from tests.ingest.telemetry import PLAIN

AT = 1795227774084715001
TEXT = {"stringValue": "hi"}


def text(value: str) -> dict[str, Any]:
    return {"stringValue": value}


def pairs(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": value} for key, value in values.items()]


def otlp(body: Any = TEXT, resource: Any = None, **fields: Any) -> bytes:
    record = {"timeUnixNano": str(AT), "body": body} | fields
    of_resource: dict[str, Any] = {"scopeLogs": [{"scope": {"name": "x"}, "logRecords": [record]}]}
    if resource is not None:
        of_resource["resource"] = {"attributes": resource}
    return json.dumps({"resourceLogs": [of_resource]}).encode()


def kvlist(**values: Any) -> dict[str, Any]:
    return {"kvlistValue": {"values": pairs(**values)}}


CASES: list[tuple[bytes, Message]] = [
    (otlp(), Message(b"hi", AT)),
    (otlp(text("hi\r\n")), Message(b"hi", AT)),
    (otlp(timeUnixNano=AT), Message(b"hi", AT)),
    # times
    (otlp(timeUnixNano="0", observedTimeUnixNano=str(AT)), Message(b"hi", AT)),
    (otlp(timeUnixNano="0"), Message(b"hi")),
    (otlp(timeUnixNano="-1"), Message(b"hi")),
    (otlp(timeUnixNano="18446744073709551615"), Message(b"hi")),
    (otlp(timeUnixNano=True), Message(b"hi")),
    # where it comes from
    (otlp(resource=pairs(k8s__pod__name=text("p"), k8s__container__name=text("c"), service__name=text("s"))),
     Message(b"hi", AT, None, "p/c")),
    (otlp(resource=pairs(service__name=text("s"), host__name=text("h"))), Message(b"hi", AT, None, "s@h")),
    (otlp(resource=pairs(service__name=text("s"))), Message(b"hi", AT, None, "s")),
    (otlp(resource=pairs(host__name=text("h"))), Message(b"hi", AT, None, "h")),
    (otlp(resource=pairs(service__name={"intValue": "5"})), Message(b"hi", AT)),
    # attributes of the record
    (otlp(attributes=pairs(log__iostream=text("stderr"), log__record__uid=text("u"))),
     Message(b"hi", AT, "stderr", None, "u")),
    (otlp(attributes=pairs(stream=text("stdout"), logtag=text("P"))),
     Message(b"hi", AT, "stdout", partial=True)),
    (otlp(attributes=pairs(logtag=text("F"))), Message(b"hi", AT, partial=False)),
    (otlp(attributes=pairs(log__iostream=text("file"))), Message(b"hi", AT)),
    # bodies
    (otlp({"bytesValue": base64.b64encode(b"\xffh\n").decode()}), Message(b"\xffh", AT)),
    (otlp(None), Message(b"", AT)),
    (otlp({"boolValue": True}), Message(b"true", AT)),
    (otlp({"arrayValue": {"values": [TEXT, {"intValue": 3}]}}), Message(b'["hi", 3]', AT)),
    (otlp(kvlist(log=text("hi\n"), stream=text("stderr"), _p=text("P"))),
     Message(b"hi", AT, "stderr", partial=True)),
    (otlp(kvlist(message=text("hi\n"))), Message(b"hi", AT)),
    (otlp(kvlist(log=text("hi"), time=text("2026-11-21T02:22:54.084715001Z")), timeUnixNano="0"),
     Message(b"hi", AT, partial=False)),
    (otlp({"doubleValue": 1e100}), Message(b"", AT)),
    (otlp(kvlist(a={"doubleValue": None})), Message(b'{"a": null}', AT)),
    (otlp(kvlist(a=kvlist(b={"doubleValue": 1.5}))), Message(b'{"a": {"b": 1.5}}', AT)),
    # CRI that nobody took apart: its own time and stream are the line's
    (otlp(text("2026-11-21T02:22:54.084715Z stderr P hel"), attributes=pairs(log__record__uid=text("u")),
          resource=pairs(service__name=text("s"))),
     Message(b"hel", 1795227774084715000, "stderr", "s", "u", partial=True)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_line(line: bytes, expected: Message) -> None:
    assert parse(line) == expected


DAMAGED = [
    otlp()[:-3],
    b'{"resourceLogs":[]}',
    b'{"resourceLogs":5}',
    otlp({"stringValue": 5}),
    otlp({"stringValue": "a", "intValue": "5"}),
    otlp({"intValue": "five"}),
    otlp({"intValue": "9" * 5000}),
    otlp({"bytesValue": "?"}),
    otlp({"kvlistValue": {"values": [*pairs(log=TEXT), *pairs(log=TEXT)]}}),
    otlp({"kvlistValue": {"values": 5}}),
    otlp(attributes=[5]),
    otlp(resource=5),
]


@pytest.mark.parametrize("line", DAMAGED)
def test_what_cannot_be_read_is_not_read_in_part(line: bytes) -> None:
    assert parse(line) == Message(line, damaged=True)


def test_a_telemetry_line_that_a_collector_took_apart() -> None:
    values = {key: text(value) for key, value in json.loads(PLAIN).items() if isinstance(value, str)}
    line = otlp(kvlist(**values, latencyMs={"doubleValue": 353.5}))
    [found] = SourceParser().feed(line + b"\n")
    assert isinstance(found, Accepted)
    assert (found.job_id, found.latency_ms, found.time_ns) == (json.loads(PLAIN)["jobId"], 353.5, AT)


def test_records_of_several_lines_in_one_body() -> None:
    line = otlp(text('{"error": {\n "type": 1\n}}' + PLAIN.decode() + "\nmore\n" + PLAIN.decode()))
    found = SourceParser().feed(line + b"\n")
    assert [type(one) for one in found] == [Accepted, Accepted]
