"""Decisions about job specs as JSON (docs/decision.md). Imports only what an executor host has."""

from typing import Any

from gates.controls.source import ControlSource
from gates.decision import Job, as_record, decide, explain, job_from_spec
from gates.executor.streams import MAX_SPEC_BYTES
from schemas import check
from schemas.errors import ContractError

LONGEST_LINE = MAX_SPEC_BYTES


def job_of(line: bytes | None) -> Job:
    """The job of a slot-generation.v1 document; null stands for one that was too long to be read.

    Raises `ContractError`.
    """
    if line is None:
        raise ContractError(f"the line is longer than {LONGEST_LINE} bytes; send a smaller job spec")
    return job_from_spec(check.parse("slot-generation.v1", line))


def decided(source: ControlSource, job: Job) -> dict[str, Any]:
    """The decision under the controls of now."""
    return as_record(decide(source.current(), job))


def explained(source: ControlSource, job: Job) -> dict[str, Any]:
    """The decision, and what every gate says on its own."""
    controls = source.current()
    answers = explain(controls, job)
    gates = [
        {"gate": answer.gate, "denies": answer.reason is not None, "reason": answer.reason}
        for answer in answers
    ]
    return {**as_record(decide(controls, job)), "gates": gates}


def no_job(error: str) -> dict[str, Any]:
    """What is answered for a line that is no job spec."""
    return {
        "jobId": None,
        "path": "stub",
        "status": "STUB",
        "errorCode": None,
        "gate": "job_spec",
        "ruleId": None,
        "bucket": None,
        "percent": None,
        "revision": None,
        "origin": None,
        "breakGlass": False,
        "reason": "the line is not a job spec",
        "error": error,
    }
