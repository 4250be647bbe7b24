"""The per-line reference against pydantic alone, which reads one record a line and finds nothing else."""

import json
import time
from collections.abc import Callable

from ingest.reference.parser import SourceParser
from schemas.telemetry import TelemetryLine
from tests.ingest.telemetry import PLAIN, line

LINES = 50_000
ROUNDS = 3
BLOCK = 1 << 20
RECORDS = [line(jobId=f"job-{number:05}", latencyMs=number % 4000) for number in range(LINES)]


def docker(record: bytes) -> bytes:
    envelope = {"log": record.decode() + "\n", "stream": "stderr", "time": "2026-11-21T02:22:54.084715123Z"}
    return json.dumps(envelope).encode()


def cloudwatch(records: list[bytes]) -> bytes:
    """One object of a subscription."""
    events = [{"id": "1", "timestamp": 1795227774084, "message": record.decode()} for record in records]
    return json.dumps({"messageType": "DATA_MESSAGE", "owner": "1", "logEvents": events}).encode()


def read(source: bytes) -> int:
    """How many lines it has, or how many records where a line carries more."""
    parser, found = SourceParser(), 0
    for at in range(0, len(source), BLOCK):
        found += len(parser.feed(source[at : at + BLOCK]))
    found += len(parser.finish())
    return max(parser.lines, found)


def test_lines_a_second() -> None:
    sources = {
        "plain records": b"\n".join(RECORDS),
        "records behind CRI's header": b"\n".join(
            b"2026-11-21T02:22:54.084715Z stderr F " + r for r in RECORDS
        ),
        "records glued to an error body": b"\n".join(b'"type":"server_error"}}' + r for r in RECORDS),
        "records in docker's json-file": b"\n".join(map(docker, RECORDS)),
        "records cut in two": b"\n".join(
            b"2026-11-21T02:22:54Z stderr P %b\n2026-11-21T02:22:54Z stderr F %b" % (r[:60], r[60:])
            for r in RECORDS[: LINES // 2]
        ),
        "events of CloudWatch, as Firehose": b"".join(
            cloudwatch(RECORDS[at : at + 500]) for at in range(0, LINES, 500)
        ),
        "noise": b"\n".join([b"OpenAI response was not valid JSON"] * LINES),
        "broken records": b"\n".join([PLAIN[:-1] + b",}"] * LINES),
    }

    def pydantic() -> int:
        return len([TelemetryLine.model_validate_json(record) for record in RECORDS])

    cases: dict[str, Callable[[], int]] = {"pydantic, plain records": pydantic}
    cases |= {name: lambda source=source: read(source) for name, source in sources.items()}  # type: ignore[misc]
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all alike
        for name, case in cases.items():
            began = time.process_time()
            assert case() == LINES
            best[name] = min(best[name], time.process_time() - began)
    peer = best["pydantic, plain records"]
    print()
    for name, took in best.items():
        print(f"{name:34} {LINES / took / 1000:6.0f} k lines/s   {peer / took:5.2f} x pydantic")
