"""Small logs, and what the store holds of them."""

import json
from pathlib import Path
from typing import Any

from ingest.store import TelemetryStore

DATA = Path(__file__).parents[1] / "data"
RECORD = (
    '{"version":"v1","executorVersion":"openai.v1","jobId":"%s","path":"stub","status":"STUB",'
    '"latencyMs":7,"errorCode":"KILL_SWITCH"}'
)
CRI = "2026-11-21T02:22:53.390129Z stderr %s %s\n"


def captured(name: str) -> list[Any]:
    """The JSON documents of a captured file, one a line."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def record(number: int) -> str:
    """A record of `job-NUMBER`."""
    return RECORD % f"job-{number}"


def cri(*numbers: int) -> bytes:
    """CRI lines, one record each."""
    return "".join(CRI % ("F", record(number)) for number in numbers).encode()


def stored_jobs(store: TelemetryStore) -> list[str]:
    """The jobIds of all telemetry rows, sorted."""
    with store.cursor() as cursor:
        return sorted(row[0] for row in cursor.execute("SELECT job_id FROM telemetry").fetchall())
