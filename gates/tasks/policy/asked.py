"""What the policy looks at: the call as a value, the task as the projection has it, and the terms."""

from dataclasses import dataclass

from gates.policy.intent import Actor, Mode
from gates.tasks.policy.actions import Action, Tier, tier_of
from gates.tasks.view import RunView


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call, read. `method` and `path` are as they came; null stands for what was not given.

    `fault` says why the body cannot be understood, `spec_fault` and `artifact_fault` why the document in it
    does not keep its contract. `artifact_digest` and `artifact_job` are of the result that is handed in;
    `result_status` is the status of the result that the run handed in before. `same_spec` says, where a task
    of that id is there, whether it was made of the same job spec.
    """

    action: Action
    method: str
    path: str
    actor: Actor
    task_id: str | None = None
    run: int | None = None
    fault: str | None = None
    spec_fault: str | None = None
    artifact_fault: str | None = None
    artifact_digest: str | None = None
    artifact_job: str | None = None
    result_status: str | None = None
    same_spec: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How far is enforced, and what this home allows.

    `allowed` are the paths on the mutation allowlist. `gate_open` says whether the controls let anything
    reach the model; null where that cannot be known, which is as good as closed.
    """

    mode: Mode
    allowed: frozenset[str]
    gate_open: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What every rule is asked about. `view` is null where there is no such task, or none is meant."""

    ask: Ask
    view: RunView | None
    terms: Terms
    now_ns: int

    @property
    def tier(self) -> Tier:
        """How far the call reaches."""
        return tier_of(self.ask.action)
