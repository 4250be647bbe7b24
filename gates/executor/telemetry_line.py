"""The telemetry line of one run (CONTRACTS section 4), as bytes."""

import json
from collections.abc import Mapping
from typing import Any

from schemas.codes import ErrorCode, Path, Status


def record_of(
    *,
    executor_version: str,
    job_id: str,
    path: Path,
    status: Status,
    latency_ms: int,
    error_code: ErrorCode | None,
) -> dict[str, Any]:
    """The v1 record. `errorCode` is always there, as executors in the field have it."""
    return {
        "version": "v1",
        "executorVersion": executor_version,
        "jobId": job_id,
        "path": path,
        "status": status,
        "latencyMs": latency_ms,
        "errorCode": error_code,
    }


def line_of(record: Mapping[str, Any]) -> bytes:
    """One line of compact ASCII JSON with its newline.

    Written by one `write`, so that the lines of parallel executors do not mix.
    """
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
