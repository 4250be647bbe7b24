"""The one way to change a task: read the call, judge it, and write event, view and record at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from gates.changes.modes import require_agreement
from gates.controls.instant import Clock
from gates.errors import StoreCorrupt
from gates.store.port import StorePort, Transaction
from gates.store.task_rows import ArtifactRow
from gates.tasks.claims import begin_next
from gates.tasks.describing import denial_body, task_body
from gates.tasks.effects import event_of
from gates.tasks.events import EventKind
from gates.tasks.payload import ClaimBody
from gates.tasks.policy.actions import Action, Tier, tier_of
from gates.tasks.policy.asked import Case, Terms
from gates.tasks.policy.decided import Denied, Passed, Repeated
from gates.tasks.policy.judging import judge
from gates.tasks.reading import Call, ReadCall, known_of_store, read_call
from gates.tasks.refusals import Recurring, record
from gates.tasks.view import RunView
from schemas.instant import SECOND


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, now or before. `created`: a task was made."""

    body: Mapping[str, Any]
    created: bool = False


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was denied, with this body."""

    denied: Denied
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskService:
    """The tasks of one home.

    `allowed` gives the paths on the mutation allowlist now, `gate_open` whether the controls let anything
    reach the model now (null: not known). `environ` is that of the server, for the agreement on the mode.
    """

    store: StorePort
    clock: Clock
    new_id: Callable[[], str]
    allowed: Callable[[], frozenset[str]]
    gate_open: Callable[[], bool | None]
    environ: Mapping[str, str]
    recurring: Recurring

    def change(self, call: Call) -> Done | NotDone:
        """Carry out a call, or say why not.

        Raises `ModeUnknown` and a `StoreError`; nothing is changed then.
        """
        read = read_call(call, self.new_id)
        if read.ask.action is Action.CLAIM and (nothing := self._nothing_due(read)) is not None:
            return nothing
        with self.store.begin() as tx:
            case = self._case(tx, read)
            decision = judge(case)
            match decision:
                case Denied():
                    record(tx, case, decision.findings, self.recurring)
                    return NotDone(decision, denial_body(case, decision))
                case Repeated():
                    assert case.view is not None
                    record(tx, case, decision.findings, self.recurring)
                    return Done({**_said(decision), "task": task_body(case.view)})
                case Passed():
                    record(tx, case, decision.findings, self.recurring)
                    return self._do(tx, case, read, decision)
                case _:
                    assert_never(decision)

    def _nothing_due(self, read: ReadCall) -> Done | None:
        """The answer to a claim that finds nothing, which most do: it waits for no writer."""
        with self.store.read() as tx:
            case = self._case(tx, read)
            decision = judge(case)
            if not isinstance(decision, Passed) or decision.findings or tx.tasks.due(case.now_ns, most=1):
                return None
        return Done({**_said(decision), "task": None})

    def _case(self, tx: Transaction, read: ReadCall) -> Case:
        mode = require_agreement(tx, self.environ)
        ask = replace(read.ask, **known_of_store(tx, read))
        return Case(
            ask=ask,
            view=None if ask.task_id is None else tx.tasks.view(ask.task_id),
            terms=Terms(mode=mode, allowed=self.allowed(), gate_open=self._gate_open(ask.action)),
            now_ns=self.clock(),
        )

    def _gate_open(self, action: Action) -> bool | None:
        """Asked only where the answer counts."""
        return self.gate_open() if tier_of(action) is Tier.OUTSIDE else None

    def _do(self, tx: Transaction, case: Case, read: ReadCall, passed: Passed) -> Done:
        event, said = event_of(case, read, passed), _said(passed)
        if isinstance(read.body, ClaimBody):
            view = begin_next(tx, case, read.body.lease_seconds * SECOND, event)
            return Done({**said, **_begun(tx, view, read.body.lease_seconds)})
        if case.ask.action is Action.ARTIFACT and event.artifact_digest is not None:
            tx.tasks.add_artifact(
                ArtifactRow(
                    task_id=event.task_id,
                    run=event.run,
                    digest=event.artifact_digest,
                    data=read.document,
                    actor_id=event.actor_id,
                    at_ns=event.at_ns,
                )
            )
        view = tx.tasks.append(event)
        return Done({**said, "task": task_body(view)}, created=event.kind is EventKind.CREATED)


def _said(decision: Passed | Repeated) -> dict[str, Any]:
    """What the policy said, as every answer begins."""
    codes = [one.code.value for one in decision.findings]
    said = {"outcome": decision.outcome.value, "repeated": isinstance(decision, Repeated)}
    return {**said, "reason_codes": codes} if codes else said


def _begun(tx: Transaction, view: RunView | None, lease_seconds: int) -> dict[str, Any]:
    """What whoever claimed has to know, or that there is nothing to do."""
    if view is None:
        return {"task": None}
    created = tx.tasks.created(view.task_id)
    if created is None:
        raise StoreCorrupt(f"the creation of task `{view.task_id}` is gone; restore a backup of the store")
    return {"task": task_body(view), "lease_seconds": lease_seconds, "job_spec": created.detail["spec"]}
