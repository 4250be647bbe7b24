"""What a worker does: claim, run, keep the lease, hand in. One task at a time.

The lease is counted from before it was asked for, by a clock that nobody sets: a run is always stopped
before the server may let somebody else begin.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard.errors import CallDenied, Unreachable
from dashboard.worker.executor import Ended, Executor, Running
from dashboard.worker.task_server import Claimed, TaskServer
from schemas import strict_json
from schemas.errors import ContractError

IDLE_S = 2.0
TICK_S = 0.2
_LOST = frozenset({"E_NOT_CLAIMANT", "E_LEASE_EXPIRED", "E_TASK_TERMINAL", "E_TASK_UNKNOWN"})
_LONGEST_REASON = 500


class Came(StrEnum):
    """What came of a claim."""

    NOTHING = "nothing to do"
    COMPLETED = "completed"
    FAILED = "failed"
    GIVEN_BACK = "given back"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`now` is a clock in seconds that never goes back.

    `asked_to_end` gives when we were asked to end, by that clock, or null; a run that goes on `grace_s` after
    that is stopped and given back. `pause` waits so many seconds, or until we are asked to end; `rest` waits
    them out. `say` tells the operator.
    """

    server: TaskServer
    executor: Executor
    now: Callable[[], float]
    pause: Callable[[float], None]
    rest: Callable[[float], None]
    asked_to_end: Callable[[], float | None]
    say: Callable[[str], None]
    lease_s: int
    grace_s: float

    def once(self) -> Came:
        """Claim a task and see it through. Raises `Unreachable` and `CallDenied`, of the claim alone."""
        asked = self.now()
        claimed = self.server.claim(self.lease_s)
        if claimed is None:
            return Came.NOTHING
        held = _Held(self, claimed, asked + self.lease_s)
        try:
            running = self.executor.start(json.dumps(claimed.job_spec).encode())
        except OSError as error:
            self.say(f"task `{claimed.task_id}` cannot be started: {error}; it is given back")
            return held.give_back()
        return held.see_through(running)


class _Held:
    """A claimed task, and until when it is ours."""

    def __init__(self, worker: Worker, claimed: Claimed, until: float) -> None:
        self._worker = worker
        self._claimed = claimed
        self._until = until
        self._next_beat = until - worker.lease_s * 2 / 3
        self._stop_s = min(5.0, worker.lease_s / 6)

    def see_through(self, running: Running) -> Came:
        """Until it ended, was lost, or was to be given back."""
        while (ended := running.wait(TICK_S)) is None:
            asked = self._worker.asked_to_end()
            if asked is not None and self._worker.now() >= asked + self._worker.grace_s:
                running.stop(self._stop_s)
                return self.give_back()
            if not self._keep():
                running.stop(self._stop_s)
                return self._lost("the run was stopped")
        return self._report(ended)

    def give_back(self) -> Came:
        """So that it need not wait for the end of the lease."""
        try:
            self._worker.server.release(self._claimed)
        except (Unreachable, CallDenied) as error:
            self._worker.say(f"task `{self._claimed.task_id}` was not given back: {error}; its lease ends")
        return Came.GIVEN_BACK

    def _keep(self) -> bool:
        """Whether the task is still ours, and will be for as long as stopping takes."""
        now = self._worker.now()
        if now >= self._next_beat:
            try:
                self._worker.server.heartbeat(self._claimed, self._worker.lease_s)
            except CallDenied as error:
                self._worker.say(f"task `{self._claimed.task_id}` is not ours any more: {error}")
                return False
            except Unreachable as error:
                self._worker.say(f"no heartbeat for task `{self._claimed.task_id}`: {error}")
                self._next_beat = self._worker.now() + max(1.0, self._worker.lease_s / 12)
            else:
                self._until = now + self._worker.lease_s
                self._next_beat = now + self._worker.lease_s / 3
        return self._worker.now() < self._until - self._stop_s

    def _report(self, ended: Ended) -> Came:
        artifact, trouble = _result(ended)
        steps: list[Callable[[], None]] = []
        server, claimed = self._worker.server, self._claimed
        if artifact is not None:
            steps.append(lambda: server.hand_in(claimed, artifact))
        if trouble is None:
            steps.append(lambda: server.complete(claimed))
        for step in steps:
            said = self._done(step)
            if said is None:
                continue
            if said.code in _LOST or isinstance(said, _TooLate):
                return self._lost("its result is not reported")
            trouble = str(said)
            break
        if trouble is None:
            return Came.COMPLETED
        why = trouble[:_LONGEST_REASON]
        said = self._done(lambda: server.fail(claimed, why))
        return Came.FAILED if said is None else self._lost(f"that it failed is not reported: {said}")

    def _done(self, step: Callable[[], None]) -> CallDenied | None:
        """Make a call until it is answered or the lease is over; why it was denied, or null."""
        while True:
            try:
                step()
            except CallDenied as denied:
                return denied
            except Unreachable as error:
                if self._worker.now() >= self._until:
                    return _TooLate("", str(error))
                self._worker.rest(1.0)
            else:
                return None

    def _lost(self, words: str) -> Came:
        self._worker.say(f"task `{self._claimed.task_id}` was lost, and {words}; somebody else may do it")
        return Came.LOST


class _TooLate(CallDenied):
    """Nobody answered until the lease was over."""


def _result(ended: Ended) -> tuple[dict[str, Any] | None, str | None]:
    """The result to hand in, if there is any; and why the task failed, if it did."""
    exit_words = f"the executor ended with {ended.exit_code}"
    if ended.output is None:
        return None, "the executor wrote more than a result may be"
    try:
        found = strict_json.loads(ended.output) if ended.output.strip() else None
    except ContractError as error:
        return None, f"{exit_words}, and its stdout is no result: {error}"
    if not isinstance(found, dict):
        return None, f"{exit_words}, and its stdout is no result"
    if ended.exit_code != 0:
        return found, exit_words
    return found, "the executor says FAILED" if found.get("status") == "FAILED" else None
