"""A server in memory, an executor that does what it is told, and a clock that moves when somebody waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dashboard.errors import CallDenied, Unreachable
from dashboard.worker.executor import Ended
from dashboard.worker.task_server import Claimed
from dashboard.worker.working import Worker
from gates.policy.intent import Actor
from gates.tasks.service import NotDone
from tests.gates.tasks.builders import WORKER, Desk


class MemoryServer:
    """The twin of `HttpTaskServer`: the service itself.

    `down` is why it does not answer, if it does not. The first answer of each call in `losing` is lost.
    """

    def __init__(self, desk: Desk, actor: Actor = WORKER) -> None:
        self.desk = desk
        self.actor = actor
        self.down: str | None = None
        self.losing: set[str] = set()
        self.calls: list[str] = []

    def claim(self, lease_seconds: int) -> Claimed | None:
        body = self._post("/api/tasks-mutations/claim", {"lease_seconds": lease_seconds})
        task = body["task"]
        return None if task is None else Claimed(task["task_id"], task["run"], body["job_spec"])

    def heartbeat(self, claimed: Claimed, lease_seconds: int) -> None:
        self._post("/api/tasks-mutations/heartbeat", {**run_of(claimed), "lease_seconds": lease_seconds})

    def release(self, claimed: Claimed) -> None:
        self._post("/api/tasks-mutations/release", run_of(claimed))

    def hand_in(self, claimed: Claimed, artifact: dict[str, Any]) -> None:
        self._post("/api/artifacts", {**run_of(claimed), "artifact": artifact})

    def complete(self, claimed: Claimed) -> None:
        self._post("/api/tasks/complete", run_of(claimed))

    def fail(self, claimed: Claimed, reason: str) -> None:
        self._post("/api/tasks/fail", {**run_of(claimed), "reason": reason})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(path.rpartition("/")[2])
        if self.down is not None:
            raise Unreachable(self.down)
        answer = self.desk.post(path, body, self.actor)
        if (name := self.calls[-1]) in self.losing:
            self.losing.remove(name)
            raise Unreachable("the answer was lost")
        if isinstance(answer, NotDone):
            raise CallDenied(answer.denied.finding.code.value, answer.denied.finding.words)
        return dict(answer.body)


def run_of(claimed: Claimed) -> dict[str, Any]:
    return {"task_id": claimed.task_id, "run": claimed.run}


@dataclass
class FakeRun:
    """Ends with `ended` after `lasts` seconds; null: only when stopped. `meanwhile` happens each tick."""

    clock: Callable[[], float]
    forward: Callable[[float], None]
    ended: Ended
    lasts: float | None
    meanwhile: Callable[[], None]
    began: float = 0
    stopped_at: float | None = None

    def wait(self, seconds: float) -> Ended | None:
        assert self.stopped_at is None
        self.forward(seconds)
        self.meanwhile()
        over = self.lasts is not None and self.clock() >= self.began + self.lasts
        return self.ended if over else None

    def stop(self, seconds: float) -> None:
        self.stopped_at = self.clock()
        self.forward(seconds)


@dataclass
class Bench:
    """A worker over a service in memory; server and worker see the same time pass."""

    desk: Desk = field(default_factory=Desk)
    output: bytes | None = b""
    exit_code: int = 0
    lasts: float | None = 1.0
    lease_s: int = 60
    grace_s: float = 20.0
    asked: float | None = None
    meanwhile: Callable[[], None] = lambda: None
    said: list[str] = field(default_factory=list)
    specs: list[bytes] = field(default_factory=list)
    runs: list[FakeRun] = field(default_factory=list)
    refuses: OSError | None = None
    seconds: float = 1_000.0

    def __post_init__(self) -> None:
        self.server = MemoryServer(self.desk)

    def start(self, spec: bytes) -> FakeRun:
        if self.refuses is not None:
            raise self.refuses
        self.specs.append(spec)
        ended = Ended(self.exit_code, self.output)
        self.runs.append(FakeRun(self.now, self.forward, ended, self.lasts, self.meanwhile, self.now()))
        return self.runs[-1]

    def now(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds
        self.desk.clock.forward(seconds)

    @property
    def worker(self) -> Worker:
        return Worker(
            server=self.server,
            executor=self,
            now=self.now,
            pause=self.forward,
            rest=self.forward,
            asked_to_end=lambda: self.asked,
            say=self.said.append,
            lease_s=self.lease_s,
            grace_s=self.grace_s,
        )
