"""What a worker does with a task, whatever executor, server and operator do meanwhile."""

import json
from pathlib import Path

import pytest

from dashboard.errors import AddressRefused, CallDenied, Unreachable
from dashboard.worker.http_server import HttpTaskServer
from dashboard.worker.keeping_on import keep_on
from dashboard.worker.working import Came
from gates.policy.intent import Mode
from gates.tasks.view import TaskState
from tests.dashboard.worker.fakes import Bench
from tests.gates.tasks.builders import OTHER, VIEWER, result, spec

STUB = json.dumps(result()).encode()
COMPLETED = json.dumps(result(status="COMPLETED", output={"a": 1})).encode()
FAILED = json.dumps(result(status="FAILED")).encode()
FOREIGN = json.dumps(result("J2")).encode()


@pytest.fixture
def bench() -> Bench:
    made = Bench(output=STUB)
    made.desk.create(task_id="t1")
    return made


class TestRuns:
    @pytest.mark.parametrize(
        ("output", "exit_code", "came", "kinds", "reason"),
        [
            (STUB, 0, Came.COMPLETED, ["artifact", "completed"], ""),
            (COMPLETED, 0, Came.COMPLETED, ["artifact", "completed"], ""),
            (FAILED, 0, Came.FAILED, ["artifact", "failed"], "the executor says FAILED"),
            (FAILED, 1, Came.FAILED, ["artifact", "failed"], "the executor ended with 1"),
            (STUB, -9, Came.FAILED, ["artifact", "failed"], "the executor ended with -9"),
            (b"", 3, Came.FAILED, ["failed"], "ended with 3, and its stdout is no result"),
            (b"hello", 0, Came.FAILED, ["failed"], "its stdout is no result: not JSON"),
            (b"\xff\x00", 0, Came.FAILED, ["failed"], "not valid UTF-8"),
            (b"[1]", 0, Came.FAILED, ["failed"], "its stdout is no result"),
            (b"{}", 0, Came.FAILED, ["failed"], "not a slot-generation-result.v1 document"),
            (FOREIGN, 0, Came.FAILED, ["failed"], "the result is of another job"),
            (STUB + STUB, 0, Came.FAILED, ["failed"], "its stdout is no result"),
            (None, 0, Came.FAILED, ["failed"], "wrote more than a result may be"),
        ],
    )
    def test_what_comes_of_what_the_executor_says(
        self, bench: Bench, output: bytes | None, exit_code: int, came: Came, kinds: list[str], reason: str
    ) -> None:
        bench.output, bench.exit_code = output, exit_code
        assert bench.worker.once() is came
        assert bench.desk.kinds("t1") == ["created", "claimed", *kinds]
        assert json.loads(bench.specs[0]) == spec()
        if reason:
            with bench.desk.store.read() as tx:
                assert reason in tx.tasks.events("t1")[-1].detail["reason"]

    def test_nothing_to_do(self, bench: Bench) -> None:
        bench.worker.once()
        assert bench.worker.once() is Came.NOTHING
        assert len(bench.runs) == 1

    def test_a_long_run_keeps_its_lease(self, bench: Bench) -> None:
        bench.lasts = 130.0
        bench.meanwhile = lambda: None if bench.desk.claim(OTHER)["task"] is None else pytest.fail("taken")
        assert bench.worker.once() is Came.COMPLETED
        assert bench.desk.kinds("t1").count("heartbeat") == 6

    def test_what_cannot_be_started_is_given_back(self, bench: Bench) -> None:
        bench.refuses = OSError(28, "no space left on device")
        assert bench.worker.once() is Came.GIVEN_BACK
        assert bench.desk.view("t1").state is TaskState.QUEUED


class TestLosing:
    def test_a_cancelled_task_is_stopped_and_not_reported(self, bench: Bench) -> None:
        bench.lasts = None

        def cancel() -> None:
            bench.desk.post("/api/tasks/cancel", {"task_id": "t1"})

        bench.meanwhile = cancel
        assert bench.worker.once() is Came.LOST
        assert bench.runs[0].stopped_at is not None
        assert bench.desk.view("t1").state is TaskState.CANCELLED
        assert bench.server.calls == ["claim", "heartbeat"]

    @pytest.mark.parametrize("lease_s", [1, 5, 60, 3600])
    def test_without_the_server_it_stops_before_anybody_else_could_begin(
        self, bench: Bench, lease_s: int
    ) -> None:
        bench.lasts, bench.lease_s = None, lease_s

        def cut() -> None:
            bench.server.down = "the cable is out"

        bench.meanwhile = cut
        began = bench.now()
        assert bench.worker.once() is Came.LOST
        assert bench.now() <= began + lease_s + 0.2 + 1e-6
        assert bench.runs[0].stopped_at is not None
        assert bench.desk.kinds("t1") == ["created", "claimed"]

    def test_a_short_absence_costs_nothing(self, bench: Bench) -> None:
        bench.lasts = 100.0
        began = bench.now()

        def flaky() -> None:
            bench.server.down = "restarting" if 19 < bench.now() - began < 45 else None

        bench.meanwhile = flaky
        assert bench.worker.once() is Came.COMPLETED
        assert len(bench.said) >= 2

    def test_an_answer_that_is_lost_is_asked_for_again(self, bench: Bench) -> None:
        bench.server.losing = {"artifacts", "complete"}
        assert bench.worker.once() is Came.COMPLETED
        assert bench.desk.kinds("t1") == ["created", "claimed", "artifact", "completed"]

    def test_a_result_that_comes_too_late_is_not_reported(self, bench: Bench) -> None:
        def gone() -> None:
            bench.server.down = "gone"

        bench.meanwhile = gone
        assert bench.worker.once() is Came.LOST
        bench.server.down = None
        assert bench.desk.claim(OTHER)["task"]["run"] == 2

    def test_another_run_is_never_overwritten(self, bench: Bench) -> None:
        """The server's clock jumps: it lets another begin while this one still runs."""
        bench.lasts = 5.0

        def jump() -> None:
            if bench.desk.view("t1").run == 1:
                bench.desk.clock.forward(3600)
                bench.desk.claim(OTHER)

        bench.meanwhile = jump
        assert bench.worker.once() is Came.LOST
        assert bench.desk.view("t1").actor_id == OTHER.actor_id
        assert "artifact" not in bench.desk.kinds("t1")


class TestEnding:
    def test_what_ends_in_time_is_reported(self, bench: Bench) -> None:
        bench.lasts, bench.asked = 10.0, bench.now()
        assert bench.worker.once() is Came.COMPLETED

    def test_what_does_not_is_given_back(self, bench: Bench) -> None:
        bench.lasts, bench.asked, bench.grace_s = None, bench.now(), 3.0
        assert bench.worker.once() is Came.GIVEN_BACK
        assert bench.runs[0].stopped_at is not None
        assert bench.desk.view("t1").state is TaskState.QUEUED
        assert bench.desk.claim(OTHER)["task"]["run"] == 2


class TestKeepingOn:
    def test_until_asked(self, bench: Bench) -> None:
        for number in range(2, 5):
            bench.desk.create(task_id=f"t{number}")
        until = bench.now() + 30

        def soon() -> None:
            bench.asked = bench.now() if bench.now() > until else None

        bench.meanwhile = soon
        keep = bench.forward

        def pausing(seconds: float) -> None:
            keep(seconds)
            soon()

        worker = bench.worker
        object.__setattr__(worker, "pause", pausing)
        keep_on(worker, most=None, jitter=lambda: 0.5)
        assert [bench.desk.view(f"t{number}").state for number in range(1, 5)] == [TaskState.COMPLETED] * 4

    def test_once_is_one_claim(self, bench: Bench) -> None:
        bench.desk.create(task_id="t2")
        keep_on(bench.worker, most=1, jitter=lambda: 0)
        assert bench.desk.view("t2").state is TaskState.QUEUED

    def test_a_server_that_is_not_there_is_tried_less_and_less_often(self, bench: Bench) -> None:
        bench.server.down = "gone"
        began = bench.now()
        with pytest.raises(Unreachable):
            keep_on(bench.worker, most=1, jitter=lambda: 1)
        assert bench.now() - began == 0.5 + 1 + 2 + 4

    def test_who_may_not_is_told_and_who_may_not_now_waits(self, bench: Bench) -> None:
        bench.server.actor = VIEWER
        with pytest.raises(CallDenied, match="roles"):
            keep_on(bench.worker, most=None, jitter=lambda: 0)
        again = Bench(output=STUB)
        again.desk.create(task_id="t1")
        again.desk.allowed = frozenset()

        def paused(seconds: float) -> None:
            again.desk.mode(Mode.SHADOW)
            again.asked = None if not again.runs else 0.0

        worker = again.worker
        object.__setattr__(worker, "pause", paused)
        keep_on(worker, most=None, jitter=lambda: 0)
        assert again.desk.view("t1").state is TaskState.COMPLETED


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:8501", "http://example.org", "ftp://127.0.0.1", "127.0.0.1:1", ""]
)
def test_a_token_goes_nowhere_in_the_clear(url: str) -> None:
    with pytest.raises(AddressRefused):
        HttpTaskServer(url, "secret", 1)


def test_the_modules_that_decide_start_no_process_and_ask_no_clock() -> None:
    for name in ("working", "keeping_on", "task_server", "executor"):
        text = (Path(__file__).parents[3] / "dashboard" / "worker" / f"{name}.py").read_text(encoding="utf-8")
        assert not [word for word in ("import time", "import os", "subprocess", "httpx2") if word in text]
