"""One call, read into what the policy looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gates.policy.intent import Actor
from gates.store.port import Transaction
from gates.tasks.payload import (
    RESULT_CONTRACT,
    SPEC_CONTRACT,
    ArtifactBody,
    Body,
    CancelBody,
    CreateBody,
    NoBody,
    RunBody,
    body_of,
    canonical,
    document_of,
    job_label,
)
from gates.tasks.policy.actions import Action, action_of
from gates.tasks.policy.asked import Ask
from gates.tasks.results import digest_of, status_of


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came: `data` is its body, `actor` who was found to make it."""

    method: str
    path: str
    actor: Actor
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A call with its body understood; `document` are the canonical bytes of the spec or result in it."""

    ask: Ask
    body: Body
    document: bytes = b""


def read_call(call: Call, new_id: Callable[[], str]) -> ReadCall:
    """What a call asks for, before anything is known of the task. Never raises for what it brings."""
    action = action_of(call.method, call.path)
    body = body_of(action, call.data)
    facts: dict[str, Any] = {"action": action, "method": call.method, "path": call.path, "actor": call.actor}
    if isinstance(body, str):
        return ReadCall(Ask(**facts, fault=body), NoBody())
    if isinstance(body, CreateBody):
        spec = document_of(SPEC_CONTRACT, body.job_spec)
        facts["task_id"] = body.task_id or new_id()
        if isinstance(spec, str):
            return ReadCall(Ask(**facts, spec_fault=spec), body)
        return ReadCall(Ask(**facts), body, spec)
    if isinstance(body, ArtifactBody):
        result = document_of(RESULT_CONTRACT, body.artifact)
        facts |= {"task_id": body.task_id, "run": body.run}
        if isinstance(result, str):
            return ReadCall(Ask(**facts, artifact_fault=result), body)
        facts |= {"artifact_digest": digest_of(result), "artifact_job": job_label(body.artifact)}
        return ReadCall(Ask(**facts), body, result)
    if isinstance(body, RunBody):
        return ReadCall(Ask(**facts, task_id=body.task_id, run=body.run), body)
    if isinstance(body, CancelBody):
        return ReadCall(Ask(**facts, task_id=body.task_id), body)
    return ReadCall(Ask(**facts), body)


def known_of_store(tx: Transaction, read: ReadCall) -> dict[str, Any]:
    """What the policy has to know beside the view: the result of the run, or whether the spec is the same."""
    ask = read.ask
    if ask.task_id is None:
        return {}
    if ask.action is Action.COMPLETE and ask.run is not None:
        artifact = tx.tasks.artifact(ask.task_id, ask.run)
        return {} if artifact is None else {"result_status": status_of(artifact.data)}
    if isinstance(read.body, CreateBody):
        created = tx.tasks.created(ask.task_id)
        return {} if created is None else {"same_spec": canonical(created.detail["spec"]) == read.document}
    return {}
