"""A state machine over tasks: workers that crash, clocks that jump, calls that come late, against a model.

At no time do two runs of a task hold it, no task is lost, what ended stays as it ended, and what is kept of
the tasks is what their events say.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gates.tasks.service import Done
from gates.tasks.view import TaskState
from tests.gates.tasks.builders import OTHER, SECOND, WORKER, Desk, result, spec

LEASES = st.integers(1, 30)
JUMPS = st.sampled_from([-86_400, -3_600, -31, -1, 0.5, 1, 10, 31, 3_600])
CALLS = st.sampled_from(["heartbeat", "heartbeat", "release", "hand in", "complete", "fail"])
FINAL = ("completed", "failed", "cancelled")


@dataclass
class Run:
    """What a worker believes that it holds. A run that crashed is forgotten."""

    actor: Any
    task_id: str
    number: int
    lease: int

    @property
    def named(self) -> dict[str, Any]:
        return {"task_id": self.task_id, "run": self.number}


@dataclass
class Model:
    """What has to be true of one task, kept from the answers alone.

    `until` is when the lease of `holder` ends by the server's clock, `since` when it began.
    """

    state: str = "queued"
    begun: int = 0
    holder: Run | None = None
    since: int = 0
    until: int = 0
    handed_in: bool = False


@dataclass
class Expected:
    tasks: dict[str, Model] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)


class Tasks(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.expected = Expected()

    @initialize(most=st.integers(1, 3), lease=LEASES)
    def one_is_claimed(self, most: int, lease: int) -> None:
        self.create(most)
        self.claim(lease, WORKER)

    @property
    def now(self) -> int:
        return self.desk.clock.now

    def held(self, run: Run) -> bool:
        task = self.expected.tasks[run.task_id]
        return task.state == "leased" and task.holder is run and self.now < task.until

    def ended(self, task: Model, state: str) -> None:
        task.state, task.holder = state, None

    @rule(most=st.integers(1, 3))
    def create(self, most: int) -> None:
        task_id = self.desk.create(f"J{len(self.expected.tasks)}", most_runs=most)
        self.expected.tasks[task_id] = Model()

    @rule(lease=LEASES, actor=st.sampled_from([WORKER, OTHER]))
    def claim(self, lease: int, actor: Any) -> None:
        given = self.desk.claim(actor, lease_seconds=lease)["task"]
        for task_id, task in self.expected.tasks.items():
            if task.state == "leased" and task.since > self.now and self.due_before(task_id, given):
                task.since, task.until = self.now, self.now + (task.until - task.since)
        if given is None:
            # Not lost: whatever is not final waits for its holder.
            for task_id, task in self.expected.tasks.items():
                self.catch_up(task_id, task)
                assert task.state in FINAL or (task.state == "leased" and task.until > self.now)
            return
        for task_id, task in self.expected.tasks.items():
            if self.due_before(task_id, given):
                self.catch_up(task_id, task)
        task = self.expected.tasks[given["task_id"]]
        assert task.state == "queued" or (task.state == "leased" and task.until <= self.now), "held by two"
        task.begun += 1
        assert given["run"] == task.begun
        run = Run(actor, given["task_id"], task.begun, lease)
        self.expected.runs.append(run)
        task.state, task.holder, task.handed_in = "leased", run, False
        task.since, task.until = self.now, self.now + lease * SECOND

    def due_before(self, task_id: str, given: dict[str, Any] | None) -> bool:
        ids = list(self.expected.tasks)
        return given is None or ids.index(task_id) < ids.index(given["task_id"])

    def catch_up(self, task_id: str, task: Model) -> None:
        """A claim that passed by a task that was due gave it up, as often as it may be begun it was."""
        view = self.desk.view(task_id)
        is_due = task.state == "queued" or (task.state == "leased" and task.until <= self.now)
        if is_due and view.run >= view.most_runs:
            assert view.state is TaskState.FAILED
            self.ended(task, "failed")

    @precondition(lambda self: self.expected.runs)
    @rule(call=CALLS, lease=LEASES)
    def newest(self, call: str, lease: int) -> None:
        self.call(self.expected.runs[-1], call, lease)

    @precondition(lambda self: self.expected.runs)
    @rule(data=st.data(), call=CALLS, lease=LEASES)
    def any_run(self, data: st.DataObject, call: str, lease: int) -> None:
        self.call(data.draw(st.sampled_from(self.expected.runs)), call, lease)

    @precondition(lambda self: self.expected.runs)
    @rule(seconds=JUMPS, call=CALLS, lease=LEASES)
    def after_a_while(self, seconds: float, call: str, lease: int) -> None:
        self.desk.clock.forward(seconds)
        self.call(self.expected.runs[-1], call, lease)

    def call(self, run: Run, call: str, lease: int) -> None:
        task, held = self.expected.tasks[run.task_id], self.held(run)
        match call:
            case "heartbeat":
                if self.passes(
                    "/api/tasks-mutations/heartbeat", {**run.named, "lease_seconds": lease}, run, held
                ):
                    task.since, task.until = self.now, self.now + lease * SECOND
            case "release":
                if self.passes("/api/tasks-mutations/release", run.named, run, held):
                    task.state, task.holder, task.handed_in = "queued", None, False
            case "hand in":
                body = {**run.named, "artifact": result(self.desk.view(run.task_id).job_id)}
                if self.passes("/api/artifacts", body, run, held and not task.handed_in):
                    task.handed_in = True
            case "complete":
                if self.passes("/api/tasks/complete", run.named, run, held and task.handed_in):
                    self.ended(task, "completed")
            case _:
                if self.passes("/api/tasks/fail", run.named, run, held):
                    self.ended(task, "failed")

    @precondition(lambda self: self.expected.tasks)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        task_id = data.draw(st.sampled_from(sorted(self.expected.tasks)))
        task = self.expected.tasks[task_id]
        answer = self.desk.post("/api/tasks/cancel", {"task_id": task_id})
        assert isinstance(answer, Done) == (task.state not in ("completed", "failed"))
        if task.state not in FINAL:
            self.ended(task, "cancelled")

    @precondition(lambda self: self.expected.runs)
    @rule()
    def crash(self) -> None:
        """The worker of the newest run says nothing more."""
        self.expected.runs.pop()

    @rule(seconds=JUMPS)
    def clock(self, seconds: float) -> None:
        self.desk.clock.forward(seconds)

    @precondition(lambda self: self.expected.tasks)
    @rule()
    def create_again(self) -> None:
        """The answer of the first creation was lost."""
        first = next(iter(self.expected.tasks))
        body = {"job_spec": spec("J0"), "task_id": first}
        answer = self.desk.post("/api/tasks/create", body)
        assert isinstance(answer, Done)
        assert answer.body["repeated"]

    def passes(self, path: str, body: dict[str, Any], run: Run, may: bool) -> bool:
        """Make a call; it does something exactly if it `may`. Repetitions do nothing."""
        answer = self.desk.post(path, body, run.actor)
        did = isinstance(answer, Done) and not answer.body["repeated"]
        assert did == may, answer
        return did

    @invariant()
    def what_is_kept_is_what_was_answered(self) -> None:
        for task_id, task in self.expected.tasks.items():
            view = self.desk.view(task_id)
            assert (view.state.value, view.run) == (task.state, task.begun)
            assert view.actor_id == (None if task.holder is None else task.holder.actor.actor_id)
            assert view.is_final == (task.state in FINAL)

    def teardown(self) -> None:
        """The views are those of the events; and whoever goes on claiming sees every task to its end."""
        with self.desk.store.begin() as tx:
            assert tx.tasks.violations() == ()
            kept = tx.tasks.views(most=1_000)
            tx.tasks.rebuild()
            assert tx.tasks.views(most=1_000) == kept
        for _ in range(4 * len(self.expected.tasks) + 2):
            self.desk.clock.forward(100_000)
            given = self.desk.claim()["task"]
            if given is not None:
                self.desk.ok("/api/tasks/fail", {"task_id": given["task_id"], "run": given["run"]})
        with self.desk.store.read() as tx:
            assert all(view.is_final for view in tx.tasks.views(most=1_000))


TestTasks = Tasks.TestCase
TestTasks.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
