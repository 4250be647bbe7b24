"""Read what a call brings. What is wrong with it becomes part of the value: the policy answers it."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gates.tasks.policy.actions import Action
from schemas import check, strict_json
from schemas.errors import ContractError

SPEC_CONTRACT, RESULT_CONTRACT = "slot-generation.v1", "slot-generation-result.v1"
LARGEST_DOCUMENT = 1 << 20
"""The most bytes of a job spec or a result, as canonical JSON."""
DEEPEST_DOCUMENT = 64
"""How many levels of a job spec or a result may lie in each other: whoever reads it later must be able to."""
LARGEST_BODY = LARGEST_DOCUMENT + (1 << 16)
SHORTEST_LEASE_S, LEASE_S, LONGEST_LEASE_S = 1, 60, 3600
MOST_RUNS = 3

TaskId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Run = Annotated[int, Field(ge=1, le=1_000)]
Lease = Annotated[int, Field(ge=SHORTEST_LEASE_S, le=LONGEST_LEASE_S)]
Reason = Annotated[str, Field(max_length=1_000)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class CreateBody(_Body):
    """A job spec that waits for an executor; `most_runs` bounds how often it is begun."""

    job_spec: dict[str, Any]
    task_id: TaskId | None = None
    most_runs: Annotated[int, Field(ge=1, le=10)] = MOST_RUNS


class ClaimBody(_Body):
    """Whatever task waits longest, for that many seconds."""

    lease_seconds: Lease = LEASE_S


class RunBody(_Body):
    """One run of one task."""

    task_id: TaskId
    run: Run


class HeartbeatBody(RunBody):
    """The lease begins anew, for that many seconds."""

    lease_seconds: Lease = LEASE_S


class ArtifactBody(RunBody):
    """The result of the run, `slot-generation-result.v1`."""

    artifact: dict[str, Any]


class FailBody(RunBody):
    """Why the run gave no result."""

    reason: Reason = ""


class CancelBody(_Body):
    """The task is not wanted any more."""

    task_id: TaskId
    reason: Reason = ""


class NoBody(_Body):
    """What comes to no route of ours is not read."""


Body = CreateBody | ClaimBody | RunBody | CancelBody | NoBody
"""What a call brings; a heartbeat, a result and a failure are about a run, too."""

_BODIES: dict[Action, type[CreateBody | ClaimBody | RunBody | CancelBody]] = {
    Action.CREATE: CreateBody,
    Action.CLAIM: ClaimBody,
    Action.HEARTBEAT: HeartbeatBody,
    Action.RELEASE: RunBody,
    Action.ARTIFACT: ArtifactBody,
    Action.COMPLETE: RunBody,
    Action.FAIL: FailBody,
    Action.CANCEL: CancelBody,
}


def body_of(action: Action, data: bytes) -> Body | str:
    """The body of a call as the model of its action, or, as a text, why it is none. No body is `{}`."""
    model = _BODIES.get(action)
    if model is None:
        return NoBody()
    if len(data) > LARGEST_BODY:
        return f"the body is larger than {LARGEST_BODY} bytes; send less"
    try:
        return model.model_validate(strict_json.loads(data or b"{}"))
    except ContractError as error:
        return f"the body is not JSON that can be relied on: {error}; send an object"
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part)[:40] for part in first["loc"]) or "body"
        return f"`{place}`: {first['msg'].lower()}; docs/enforcement.md says what the route takes"


def document_of(contract: str, document: dict[str, Any]) -> bytes | str:
    """The canonical bytes of a document that keeps its contract, or, as a text, why it does not."""
    if _is_deeper(document, DEEPEST_DOCUMENT):
        return f"not a {contract} document of at most {DEEPEST_DOCUMENT} levels; send a flatter one"
    data = canonical(document)
    if len(data) > LARGEST_DOCUMENT:
        return f"not a {contract} document of at most {LARGEST_DOCUMENT} bytes; send a smaller one"
    found = check.problems(contract, document)
    return f"not a {contract} document: {'; '.join(found[:3])}" if found else data


def canonical(document: dict[str, Any]) -> bytes:
    """One text for equal documents, in ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def job_label(document: dict[str, Any]) -> str:
    """The identity of a run as lists show it: the jobId of a job spec or a result, without NUL."""
    job_id = document["jobId"] if "jobId" in document else document["jobs"][0]["jobId"]
    return str(job_id).replace("\0", "?")


def _is_deeper(document: dict[str, Any], levels: int) -> bool:
    """Level by level, so that no document is too deep to be asked."""
    level: list[Any] = [document]
    for _ in range(levels):
        level = [
            below
            for one in level
            for below in (one.values() if isinstance(one, dict) else one)
            if isinstance(below, dict | list)
        ]
        if not level:
            return False
    return True
