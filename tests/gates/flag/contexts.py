"""Contexts that say all of a job that `tests.gates.decision.builders` lets through."""

from typing import Any


def context(**changes: Any) -> dict[str, Any]:
    said = {
        "targetingKey": "J1",  # bucket 43, by the golden vectors
        "subject": "Biology",
        "level": "GCSE",
        "board": "AQA",
        "specVersion": "v1",
        "kind": "explanatory",
        "slotId": "S1",
        "allowAI": True,
        "jobs": 1,
    }
    return said | changes


def context_of(spec: dict[str, Any]) -> dict[str, Any]:
    """All that a job spec says of itself."""
    return {
        "targetingKey": spec.get("jobId", spec["jobs"][0]["jobId"]),
        **spec["appliesTo"],
        **spec["metadata"],
        "jobs": spec["jobs"],
    }
