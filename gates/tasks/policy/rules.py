"""The rules, in the order in which they are asked. The first that speaks names the denial.

`always` rules hold in every mode: what cannot be done at all, who may, and what makes a run's result its
own. The others are policy, and the enforcement mode says what follows from them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gates.policy.intent import Role
from gates.tasks.events import EventKind
from gates.tasks.policy.actions import OF_A_RUN, OF_A_TASK, Action, Tier
from gates.tasks.policy.asked import Case
from gates.tasks.policy.decided import TaskReason
from gates.tasks.view import TaskState

TASK_ROLES = frozenset({Role.ONCALL, Role.ENGINEERING_OWNER})
_COMPLETING = ("STUB", "COMPLETED")


@dataclass(frozen=True, slots=True)
class TaskRule:
    """`check` says in words what the case breaks, or None. `on_record`: a denial goes into the audit."""

    code: TaskReason
    source: str
    always: bool
    on_record: bool
    check: Callable[[Case], str | None]


def _role(case: Case) -> str | None:
    if case.ask.action is Action.LOOK or case.ask.actor.roles & TASK_ROLES:
        return None
    return "to change tasks takes one of the roles engineering_owner, oncall; ask somebody who holds one"


def _route_unknown(case: Case) -> str | None:
    if case.ask.action is not Action.UNKNOWN:
        return None
    return "this is none of the enumerated routes, and nothing else changes a task; see docs/enforcement.md"


def _route_not_allowed(case: Case) -> str | None:
    if case.tier is Tier.READ or case.ask.path in case.terms.allowed:
        return None
    return (
        "the route is not on the mutation allowlist of this home; its owner can list it in `mutations.json`"
    )


def _action_tier(case: Case) -> str | None:
    if case.tier is not Tier.OUTSIDE or case.terms.gate_open is True:
        return None
    return (
        "the action could reach a model, and the controls let nothing reach one; see `slotgate controls show`"
    )


def _payload(case: Case) -> str | None:
    return case.ask.fault


def _spec(case: Case) -> str | None:
    return case.ask.spec_fault


def _exists(case: Case) -> str | None:
    if case.ask.action is not Action.CREATE or case.view is None or case.ask.same_spec:
        return None
    return f"there is a task `{case.view.task_id}` of another job spec; name this one differently"


def _unknown(case: Case) -> str | None:
    if case.ask.action not in OF_A_TASK or case.view is not None:
        return None
    return f"there is no task `{case.ask.task_id}`; list the tasks to find it"


def _terminal(case: Case) -> str | None:
    if case.ask.action not in OF_A_TASK or case.view is None or not case.view.is_final:
        return None
    return f"the task ended as {case.view.state}, and that is final; create another one"


def _claimant(case: Case) -> str | None:
    view = case.view
    if case.ask.action not in OF_A_RUN or view is None:
        return None
    if view.state is TaskState.LEASED and (view.run, view.actor_id) == (
        case.ask.run,
        case.ask.actor.actor_id,
    ):
        return None
    return f"run {case.ask.run} of the task is not held by you; stop what you run of it, and claim again"


def _lease(case: Case) -> str | None:
    view = case.view
    if case.ask.action not in OF_A_RUN or view is None or view.lease_until_ns is None:
        return None
    if case.now_ns < view.lease_until_ns:
        return None
    return "the lease is over, and somebody else may claim the task; stop what you run of it, and claim again"


def _artifact(case: Case) -> str | None:
    ask, view = case.ask, case.view
    if ask.action is not Action.ARTIFACT or ask.artifact_fault is not None:
        return ask.artifact_fault
    if view is not None and ask.artifact_job != view.job_id:
        return "the result is of another job than the task; hand in the result of this one"
    return None


def _artifact_kept(case: Case) -> str | None:
    view = case.view
    if case.ask.action is not Action.ARTIFACT or view is None or view.artifact_digest is None:
        return None
    if view.artifact_digest == case.ask.artifact_digest:
        return None
    return "the run has handed in another result, and one run has one; complete or fail the task"


def _no_result(case: Case) -> str | None:
    if case.ask.action is not Action.COMPLETE or case.ask.result_status in _COMPLETING:
        return None
    return "a task is completed with a result that is STUB or COMPLETED; hand one in, or fail the task"


CALL_RULES = (
    TaskRule(TaskReason.ROLE, "CONTRACTS 8, roles", True, True, _role),
    TaskRule(TaskReason.ROUTE_UNKNOWN, "CONTRACTS 10, action tiers", True, True, _route_unknown),
    TaskRule(TaskReason.ROUTE_NOT_ALLOWED, "CONTRACTS 10, action tiers", False, True, _route_not_allowed),
    TaskRule(TaskReason.ACTION_TIER, "CONTRACTS 10, action tiers", False, True, _action_tier),
    TaskRule(TaskReason.TASK_PAYLOAD, "CONTRACTS 8, schema validity", True, False, _payload),
    TaskRule(TaskReason.TASK_SPEC, "CONTRACTS 2", True, False, _spec),
)
"""What is about the call alone."""

TASK_RULES = (
    TaskRule(TaskReason.TASK_EXISTS, "docs/enforcement.md", True, False, _exists),
    TaskRule(TaskReason.TASK_UNKNOWN, "docs/enforcement.md", True, False, _unknown),
    TaskRule(TaskReason.TASK_TERMINAL, "docs/enforcement.md", True, False, _terminal),
    TaskRule(TaskReason.NOT_CLAIMANT, "docs/enforcement.md", True, False, _claimant),
    TaskRule(TaskReason.LEASE_EXPIRED, "docs/enforcement.md", True, False, _lease),
    TaskRule(TaskReason.ARTIFACT_INVALID, "CONTRACTS 3", True, False, _artifact),
    TaskRule(TaskReason.ARTIFACT_KEPT, "docs/enforcement.md", True, False, _artifact_kept),
    TaskRule(TaskReason.NO_RESULT, "docs/enforcement.md", True, False, _no_result),
)
"""What is about the task; not asked of a call that repeats what was done."""

RULES = (*CALL_RULES, *TASK_RULES)


def repeats(case: Case) -> bool:
    """Whether exactly this was done before, so that whoever lost the answer may ask again."""
    ask, view = case.ask, case.view
    if view is None:
        return False
    if ask.action is Action.CREATE:
        return ask.same_spec is True
    if ask.action is Action.CANCEL:
        return view.terminal_kind is EventKind.CANCELLED
    if ask.action is Action.COMPLETE:
        return view.terminal_kind is EventKind.COMPLETED and view.run == ask.run
    if ask.action is Action.FAIL:
        return view.terminal_kind is EventKind.FAILED and view.run == ask.run
    return (
        ask.action is Action.ARTIFACT
        and view.run == ask.run
        and view.artifact_digest is not None
        and view.artifact_digest == ask.artifact_digest
    )
