"""Tasks and denials as the API says them. The same task and the same call give the same body."""

from typing import Any

from gates.controls.instant import timestamp
from gates.tasks.events import EventKind, TaskEvent
from gates.tasks.policy.asked import Case
from gates.tasks.policy.decided import Denied, TaskFinding
from gates.tasks.policy.judging import outcome_of
from gates.tasks.view import RunView


def task_body(view: RunView) -> dict[str, Any]:
    """Where a task stands. Times are RFC 3339."""
    return {
        "task_id": view.task_id,
        "job_id": view.job_id,
        "state": view.state.value,
        "run": view.run,
        "most_runs": view.most_runs,
        "actor": view.actor_id,
        "lease_until": _time(view.lease_until_ns),
        "artifact": view.artifact_digest,
        "last_event": {"seq": view.last_seq, "kind": view.last_kind.value, "at": _time(view.last_at_ns)},
        "terminal_event": (
            None
            if view.terminal_kind is None
            else {"seq": view.terminal_seq, "kind": view.terminal_kind.value}
        ),
    }


def event_body(event: TaskEvent) -> dict[str, Any]:
    """One event. The job spec stands beside the events, once."""
    hidden = ("spec",) if event.kind is EventKind.CREATED else ()
    return {
        "seq": event.seq,
        "kind": event.kind.value,
        "run": event.run,
        "actor": event.actor_id,
        "at": _time(event.at_ns),
        "artifact": event.artifact_digest,
        "outcome": event.outcome,
        "reason_codes": list(event.reason_codes),
        "detail": {name: value for name, value in event.detail.items() if name not in hidden},
    }


def denial_body(case: Case, denied: Denied) -> dict[str, Any]:
    """The stable body of a denial: no time, no id of its own."""
    return {
        "reason_code": denied.finding.code.value,
        "enforcement_mode": case.terms.mode.value,
        "method": case.ask.method,
        "path": case.ask.path,
        "context": context_of(case, denied.findings),
    }


def context_of(case: Case, findings: tuple[TaskFinding, ...]) -> dict[str, Any]:
    """What a decision rests on."""
    view = case.view
    return {
        "outcome": outcome_of(findings, case.terms.mode).value,
        "action": case.ask.action.value,
        "tier": case.tier.value,
        "actor": case.ask.actor.actor_id,
        "task": None if view is None else {"task_id": view.task_id, "state": view.state, "run": view.run},
        "run": case.ask.run,
        "findings": [{"code": one.code.value, "words": one.words} for one in findings],
    }


def _time(at_ns: int | None) -> str | None:
    return None if at_ns is None else timestamp(at_ns)
