"""What the gates look at in a job spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Slot:
    """The part of one entry of `jobs[]` that the allowlist judges."""

    slot_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Job:
    """One run. `job_id` is its identity: the spec's own jobId, else that of its first job."""

    job_id: str
    subject: str
    level: str
    board: str
    spec_version: str
    allow_ai: bool
    slots: tuple[Slot, ...]


def job_from_spec(spec: Mapping[str, Any]) -> Job:
    """The job of a document that is valid as `slot-generation.v1`.

    Only a literal `true` opts in to AI.
    """
    scope = spec["appliesTo"]
    jobs = spec["jobs"]
    return Job(
        job_id=spec["jobId"] if "jobId" in spec else jobs[0]["jobId"],
        subject=scope["subject"],
        level=scope["level"],
        board=scope["board"],
        spec_version=scope["specVersion"],
        allow_ai=spec["metadata"].get("allowAI") is True,
        slots=tuple(Slot(job["slotId"], job["kind"]) for job in jobs),
    )
