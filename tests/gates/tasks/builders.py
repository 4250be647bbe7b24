"""Calls, tasks and a service over a store in memory, with a clock that is moved by hand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from gates.policy.intent import Actor, Mode, Role
from gates.store.port import StorePort
from gates.tasks.events import EventKind
from gates.tasks.mutations import EVERY_ROUTE
from gates.tasks.policy.actions import Action
from gates.tasks.policy.asked import Ask, Case, Terms
from gates.tasks.reading import Call
from gates.tasks.refusals import Recurring
from gates.tasks.service import Done, NotDone, TaskService
from gates.tasks.view import RunView, TaskState
from tests.gates.controls.files import SPEC
from tests.gates.store.in_memory import store_in_memory

SECOND = 10**9
NOW = 1_767_225_600 * SECOND
WORKER = Actor("local|worker", frozenset({Role.ENGINEERING_OWNER}))
OTHER = Actor("local|other", frozenset({Role.ONCALL}))
VIEWER = Actor("local|viewer", frozenset({Role.VIEWER, Role.AUDITOR, Role.ADMIN, Role.APPROVER}))


def spec(job_id: str = "J1") -> dict[str, Any]:
    return {**SPEC, "jobId": job_id}


def result(job_id: str = "J1", status: str = "STUB", output: object = None) -> dict[str, Any]:
    return {
        "version": "v1",
        "jobId": job_id,
        "status": status,
        "generatedAt": "2026-01-01T00:00:00Z",
        "output": output,
    }


def view(**changes: Any) -> RunView:
    """Task `t1`, run 1, held by the worker for a minute from now on."""
    held = RunView(
        task_id="t1",
        created_seq=1,
        job_id="J1",
        most_runs=3,
        state=TaskState.LEASED,
        run=1,
        actor_id=WORKER.actor_id,
        renewed_at_ns=NOW,
        lease_until_ns=NOW + 60 * SECOND,
        artifact_digest=None,
        last_seq=2,
        last_kind=EventKind.CLAIMED,
        last_at_ns=NOW,
        terminal_seq=None,
        terminal_kind=None,
    )
    return replace(held, **changes)


def queued(**changes: Any) -> RunView:
    free = view(state=TaskState.QUEUED, run=0, actor_id=None, renewed_at_ns=None, lease_until_ns=None)
    return replace(free, **changes)


def ended(kind: EventKind = EventKind.COMPLETED, **changes: Any) -> RunView:
    states = {EventKind.COMPLETED: TaskState.COMPLETED, EventKind.CANCELLED: TaskState.CANCELLED}
    over = queued(run=1, state=states.get(kind, TaskState.FAILED), terminal_seq=3, terminal_kind=kind)
    return replace(over, **changes)


def ask(action: Action = Action.HEARTBEAT, **changes: Any) -> Ask:
    """The worker's call about run 1 of `t1`."""
    paths = {
        Action.CREATE: "/api/tasks/create",
        Action.COMPLETE: "/api/tasks/complete",
        Action.FAIL: "/api/tasks/fail",
        Action.CANCEL: "/api/tasks/cancel",
        Action.CLAIM: "/api/tasks-mutations/claim",
        Action.HEARTBEAT: "/api/tasks-mutations/heartbeat",
        Action.RELEASE: "/api/tasks-mutations/release",
        Action.ARTIFACT: "/api/artifacts",
        Action.UNKNOWN: "/api/tasks-mutations/dispatch",
        Action.LOOK: "/api/tasks",
    }
    facts: dict[str, Any] = {"task_id": "t1", "run": 1}
    if action is Action.COMPLETE:
        facts["result_status"] = "STUB"
    if action is Action.ARTIFACT:
        facts |= {"artifact_digest": "sha256:1", "artifact_job": "J1"}
    made = Ask(action=action, method="POST", path=paths[action], actor=WORKER, **facts)
    return replace(made, **changes)


def case(
    asked: Ask,
    about: RunView | None,
    mode: Mode = Mode.ENFORCE,
    *,
    allowed: frozenset[str] = EVERY_ROUTE,
    gate_open: bool | None = None,
    now_ns: int = NOW,
) -> Case:
    terms = Terms(mode=mode, allowed=allowed, gate_open=gate_open)
    return Case(ask=asked, view=about, terms=terms, now_ns=now_ns)


class Clock:
    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


class Desk:
    """A service and whoever calls it. Ids are `task-1`, `task-2`, …"""

    def __init__(self, store: StorePort | None = None, clock: Clock | None = None) -> None:
        self.store = store or store_in_memory()
        self.clock = clock or Clock()
        self.allowed = EVERY_ROUTE
        self.environ: Mapping[str, str] = {}
        self.gate: Callable[[], bool | None] = lambda: True
        numbers = count(1)
        self._new_id = lambda: f"task-{next(numbers)}"
        self._recurring = Recurring(self.clock)
        self.mode(Mode.ENFORCE)

    @property
    def service(self) -> TaskService:
        return TaskService(
            store=self.store,
            clock=self.clock,
            new_id=self._new_id,
            allowed=lambda: self.allowed,
            gate_open=self.gate,
            environ=self.environ,
            recurring=self._recurring,
        )

    def mode(self, mode: Mode) -> None:
        with self.store.begin() as tx:
            tx.settings.set("mode", mode.value)

    def post(self, path: str, body: object = None, actor: Actor = WORKER) -> Done | NotDone:
        data = b"" if body is None else json.dumps(body).encode()
        return self.service.change(Call("POST", path, actor, data))

    def ok(self, path: str, body: object = None, actor: Actor = WORKER) -> dict[str, Any]:
        """What is answered to a call that is carried out."""
        answer = self.post(path, body, actor)
        assert isinstance(answer, Done), answer
        return dict(answer.body)

    def denied(self, path: str, body: object = None, actor: Actor = WORKER) -> dict[str, Any]:
        answer = self.post(path, body, actor)
        assert isinstance(answer, NotDone), answer
        return dict(answer.body)

    def create(self, job_id: str = "J1", **more: object) -> str:
        return str(self.ok("/api/tasks/create", {"job_spec": spec(job_id), **more})["task"]["task_id"])

    def claim(self, actor: Actor = WORKER, **more: object) -> dict[str, Any]:
        return self.ok("/api/tasks-mutations/claim", more, actor)

    def hand_in(self, task_id: str, run: int = 1, status: str = "STUB", job_id: str = "J1") -> dict[str, Any]:
        body = {"task_id": task_id, "run": run, "artifact": result(job_id, status)}
        return self.ok("/api/artifacts", body)

    def view(self, task_id: str) -> RunView:
        with self.store.read() as tx:
            found = tx.tasks.view(task_id)
        assert found is not None
        return found

    def kinds(self, task_id: str) -> list[str]:
        with self.store.read() as tx:
            return [one.kind.value for one in tx.tasks.events(task_id)]

    def records(self) -> list[dict[str, Any]]:
        with self.store.read() as tx:
            return [json.loads(one.body) for one in tx.audit.iterate()]
