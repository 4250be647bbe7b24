"""The result document (`slot-generation-result.v1`), as bytes for stdout."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.codes import Status


def result_bytes(job_id: str, status: Status, generated_at: str, output: Mapping[str, Any] | None) -> bytes:
    """Indented JSON with a final newline.

    Raises `RecursionError` for an output nested too deeply to be written.
    """
    document = {
        "version": "v1",
        "jobId": job_id,
        "status": status,
        "generatedAt": generated_at,
        "output": output,
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def joined_output(spec: Mapping[str, Any], outputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The model's own object for a run of one job; for several, each object beside its job (ADR 0030)."""
    jobs = spec["jobs"]
    if len(jobs) == 1:
        return outputs[0]
    return {
        "jobs": [
            {"jobId": job["jobId"], "slotId": job["slotId"], "output": output}
            for job, output in zip(jobs, outputs, strict=True)
        ]
    }
