"""An old raw capture: telemetry lines without any time, as somebody once redirected stderr to a file."""

import json
import os
from pathlib import Path

from dashboard.demo.jobs import Jobs

LINES = 38
PRIVATE = 0o600


def write_archive(path: Path, seed: str, at_ns: int) -> None:
    """Write the capture; its jobs were made around `at_ns`, which nothing in the file says."""
    jobs = Jobs(f"{seed}/archive")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        for number in range(LINES):
            spec = jobs.spec(at_ns + number * 10**9)
            line = {
                "version": "v1",
                "executorVersion": "openai.v0",
                "jobId": spec["jobId"],
                "path": "stub",
                "status": "STUB",
                "latencyMs": 140 + 37 * number % 260,
                "errorCode": "NOT_ALLOWLISTED",
            }
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
