"""What is written down of a call that passed."""

from dataclasses import replace

from gates.tasks.events import EventKind, NewEvent
from gates.tasks.payload import ArtifactBody, CancelBody, CreateBody, FailBody, HeartbeatBody, job_label
from gates.tasks.policy.actions import Action
from gates.tasks.policy.asked import Case
from gates.tasks.policy.decided import Passed
from gates.tasks.reading import ReadCall
from schemas.instant import SECOND

_KINDS = {
    Action.CREATE: EventKind.CREATED,
    Action.CLAIM: EventKind.CLAIMED,
    Action.HEARTBEAT: EventKind.HEARTBEAT,
    Action.RELEASE: EventKind.RELEASED,
    Action.ARTIFACT: EventKind.ARTIFACT,
    Action.COMPLETE: EventKind.COMPLETED,
    Action.FAIL: EventKind.FAILED,
    Action.CANCEL: EventKind.CANCELLED,
}


def event_of(case: Case, read: ReadCall, passed: Passed) -> NewEvent:
    """The event. That of a claim names no task yet."""
    ask, body = case.ask, read.body
    event = NewEvent(
        task_id=ask.task_id or "",
        kind=_KINDS[ask.action],
        actor_id=ask.actor.actor_id,
        at_ns=case.now_ns,
        run=ask.run or 0,
        outcome=passed.outcome.value,
        reason_codes=tuple(one.code.value for one in passed.findings),
    )
    match body:
        case CreateBody():
            label = job_label(body.job_spec)
            return replace(event, detail={"spec": body.job_spec, "jobId": label, "mostRuns": body.most_runs})
        case HeartbeatBody():
            return replace(event, lease_ns=body.lease_seconds * SECOND)
        case ArtifactBody():
            return replace(event, artifact_digest=ask.artifact_digest)
        case FailBody() | CancelBody():
            return replace(event, detail={"reason": body.reason})
        case _:
            return event
