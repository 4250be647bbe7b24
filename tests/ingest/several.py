"""Lines with several messages, as CloudWatch and OTLP write them."""

import json
from typing import Any

from ingest.contract.outcomes import Accepted, Outcome, Quarantined
from ingest.reference.parser import SourceParser
from tests.ingest.reference.test_reference import parse, summary
from tests.ingest.telemetry import line

AT_MS = 1795227774084
AT = AT_MS * 1_000_000
OWNER, GROUP, STREAM = "123456789012", "/ecs/lessons", "executor/main/0a1b"
POD = {"pod_name": "p", "container_name": "c"}
CONTAINER = f"{OWNER}:{GROUP}:{STREAM}"


def job(name: str, **values: object) -> str:
    return line(jobId=name, **values).decode()


def written(**values: object) -> str:
    return json.dumps(values)


def event(message: object, number: int = 0, /, **values: object) -> dict[str, Any]:
    return {"id": f"e{number}", "timestamp": AT_MS + number, "message": message} | values


def cloudwatch(*events: object, **values: object) -> bytes:
    """As CloudWatch writes it."""
    found = {
        "messageType": "DATA_MESSAGE",
        "owner": OWNER,
        "logGroup": GROUP,
        "logStream": STREAM,
        "subscriptionFilters": ["all"],
        "logEvents": list(events),
    } | values
    return json.dumps(found, separators=(",", ":")).encode()


def otlp(*scopes: list[object], resource: object = None) -> bytes:
    of_resources = [
        {"resource": resource or {}, "scopeLogs": [{"logRecords": records}]} for records in scopes
    ]
    return json.dumps({"resourceLogs": of_resources}).encode()


def record(text: object, **names: str) -> dict[str, Any]:
    attributes = [
        {"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in names.items()
    ]
    return {"timeUnixNano": str(AT), "body": {"stringValue": text}, "attributes": attributes}


def counts(parser: SourceParser) -> tuple[int, int, int, int]:
    return parser.lines, parser.record_lines, parser.noise_lines, parser.joined_pieces


def said(text: bytes) -> list[str]:
    """The outcomes of one line, whatever the cause of what is quarantined."""
    return ["held" if isinstance(one, Quarantined) else summary([one])[0] for one in parse([text])[0]]


def accepted(outcomes: list[Outcome]) -> list[Accepted]:
    assert all(isinstance(one, Accepted) for one in outcomes), outcomes
    return [one for one in outcomes if isinstance(one, Accepted)]


WHOLE = job("whole")
HEAD, MIDDLE, TAIL = WHOLE[:20], WHOLE[20:50], WHOLE[50:]


def cri(tag: str, text: str) -> str:
    """A line of CRI, at the time of the first event."""
    return f"2026-11-21T02:22:54Z stderr {tag} {text}"
