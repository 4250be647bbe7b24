"""Export requests as a collector makes them, in both encodings, and the lines of a log as their records."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from ingest.loading.load import Surroundings, load
from ingest.store import TelemetryStore
from ingest.transports.detect import parse
from ingest.transports.message import Message

JSON = {"Content-Type": "application/json"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}


def text(value: str) -> dict[str, Any]:
    return {"stringValue": value}


def named(**values: str) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": text(value)} for key, value in values.items()]


def request(records: Iterable[dict[str, Any]], **resource: str) -> dict[str, Any]:
    """One resource, one scope."""
    scope = {"scope": {"name": "filelog"}, "logRecords": list(records)}
    return {"resourceLogs": [{"resource": {"attributes": named(**resource)}, "scopeLogs": [scope]}]}


def as_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def as_protobuf(document: dict[str, Any]) -> bytes:
    """The same by the messages of the protocol."""
    message = ExportLogsServiceRequest()
    for one in document["resourceLogs"]:
        of_resource = message.resource_logs.add()
        for pair in one["resource"]["attributes"]:
            of_resource.resource.attributes.add(key=pair["key"]).value.string_value = pair["value"][
                "stringValue"
            ]
        for scope in one["scopeLogs"]:
            of_scope = of_resource.scope_logs.add()
            for record in scope["logRecords"]:
                sent = of_scope.log_records.add(
                    time_unix_nano=int(record.get("timeUnixNano", 0)), severity_number=9, trace_id=b"\1" * 16
                )
                for pair in record.get("attributes", ()):
                    sent.attributes.add(key=pair["key"]).value.string_value = pair["value"]["stringValue"]
                body = record["body"]
                if "bytesValue" in body:
                    sent.body.bytes_value = body["bytesValue"]
                else:
                    sent.body.string_value = body["stringValue"]
    data: bytes = message.SerializeToString()
    return data


ENCODED = [(as_json, JSON), (as_protobuf, PROTOBUF)]


def taken_apart(log: bytes) -> Iterator[dict[str, Any]]:
    """The lines of a CRI file as the collector's container parser gives them, without joining pieces."""
    for line in log.splitlines():
        found = parse(line)
        assert isinstance(found, Message)
        yield {
            "timeUnixNano": str(found.time_ns),
            "severityNumber": 9,
            "body": text(found.text.decode()),
            "attributes": named(log__iostream=found.stream or "", logtag="P" if found.partial else "F"),
        }


def as_they_stand(log: bytes) -> Iterator[dict[str, Any]]:
    """The lines of a CRI file as a collector without that parser gives them."""
    for line in log.splitlines():
        yield {"observedTimeUnixNano": "1", "body": text(line.decode())}


def outcomes(spool: Path, store: Path) -> dict[tuple[str, str, str | None], int]:
    """What ingest makes of the spool: how many lines of each outcome, after loading it twice."""
    with TelemetryStore.open(store) as opened:
        for _ in range(2):
            load(opened, [spool], None, surroundings=Surroundings(None, lambda: 0, spool))
        with opened.cursor() as cursor:
            rows = cursor.execute(
                "SELECT path, status, error_code, count(*) FROM telemetry GROUP BY ALL"
            ).fetchall()
            refused = cursor.execute("SELECT count(*) FROM quarantine").fetchall()[0][0]
    return {(path, status, code): count for path, status, code, count in rows} | (
        {("quarantined", "", None): refused} if refused else {}
    )
