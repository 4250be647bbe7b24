"""The telemetry line of one run (CONTRACTS section 4), as bytes."""

import json

from schemas.codes import ErrorCode, Path, Status


def telemetry_line(
    *,
    executor_version: str,
    job_id: str,
    path: Path,
    status: Status,
    latency_ms: int,
    error_code: ErrorCode | None,
) -> bytes:
    """One line of compact ASCII JSON with its newline.

    Written by one `write`, so that the lines of parallel executors do not mix; `errorCode` is always
    there, as executors in the field have it.
    """
    record = {
        "version": "v1",
        "executorVersion": executor_version,
        "jobId": job_id,
        "path": path,
        "status": status,
        "latencyMs": latency_ms,
        "errorCode": error_code,
    }
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
