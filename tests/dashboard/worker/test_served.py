"""A served home, real workers, a shell script as executor: to the end, killed, cut down, two at once."""

import json
import os
import signal
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.server.processes import Served, serving
from tests.gates.tasks.builders import spec
from tests.warm.commands import Command, run, start

PATIENCE_S = 90.0
EXECUTOR = """#!/bin/sh
spec=$(cat)
printf %s "$spec" > "$0.spec"
if [ -e "$0.slow" ]; then echo $$ > "$0.pid"; exec sleep 60; fi
path=openai status=COMPLETED code=null output='{"text":"hello"}'
if [ "$SLOTGEN_AI_KILL" = true ]; then path=stub status=STUB code='"KILL_SWITCH"' output=null; fi
job=$(printf %s "$spec" | sed 's/.*"jobId": *"\\(JOB[0-9]*\\)".*/\\1/')
of_both='"version":"v1","jobId":"'$job'","status":"'$status'"'
line='"executorVersion":"shell.v1","latencyMs":1,"path":"'$path'","errorCode":'$code
echo "{$of_both,$line}" >&2
echo "{$of_both,\\"generatedAt\\":\\"2026-01-01T00:00:00Z\\",\\"output\\":$output}"
"""


class Works:
    """A served home of Alice's, and workers with her token."""

    def __init__(self, folder: Path, people: Town, served: Served) -> None:
        self.folder = folder
        self.people = people
        self.served = served
        self.executor = folder / "executor"
        self.executor.write_text(EXECUTOR)
        self.executor.chmod(stat.S_IRWXU)
        (folder / "token").write_text(people.tokens["alice"])

    def words(self, *more: str) -> tuple[str, ...]:
        home = str(self.people.home.root)
        place = ("--server", self.served.url, "--token-file", str(self.folder / "token"), "--home", home)
        return ("worker", *place, *more, "--", str(self.executor))

    def once(self) -> None:
        done = run(self.folder, *self.words("--once"))
        assert done.returncode == 0, done.stderr

    def started(self, *more: str) -> Command:
        return start(self.folder, *self.words(*more))

    def call(self, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.people.tokens['alice']}", "X-Slotgate-Request": "1"}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.served.url}{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def create(self, number: int) -> str:
        status, made = self.call(
            "/api/tasks/create", {"job_spec": spec(f"JOB{number}"), "task_id": f"t{number}"}
        )
        assert status == 201, made
        return str(made["task"]["task_id"])

    def task(self, task_id: str) -> Any:
        return self.call(f"/api/tasks/{task_id}")[1]["task"]

    def slow(self, is_slow: bool) -> None:
        mark = self.executor.with_name("executor.slow")
        mark.touch() if is_slow else mark.unlink()

    def pid(self) -> int:
        """Of the slow executor, once it runs."""
        path = self.executor.with_name("executor.pid")
        until(lambda: path.exists() and path.read_text().endswith("\n"))
        number = int(path.read_text())
        path.unlink()
        return number


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    folder = tmp_path_factory.mktemp("works")
    people = town(folder, clock=now())
    with serving(folder, people.home) as served:
        yield Works(folder, people, served)


def test_a_task_runs_under_the_controls_and_a_killed_one_stubs(works: Works) -> None:
    first = works.create(1)
    works.once()
    assert works.task(first)["state"] == "completed"
    assert works.call(f"/api/artifacts/{first}/1")[1]["status"] == "COMPLETED"
    assert json.loads(works.executor.with_name("executor.spec").read_text()) == spec("JOB1")
    home = works.people.home
    assert "JOB1" in "".join(path.read_text() for path in home.specs.iterdir())
    assert "JOB1" in "".join(path.read_text() for path in home.spool.iterdir())
    assert [path for path in home.spool.iterdir() if "worker" in path.name]

    assert run(works.folder, "kill", "--home", str(home.root)).returncode == 0
    second = works.create(2)
    works.once()
    assert works.task(second)["state"] == "completed"
    assert works.call(f"/api/artifacts/{second}/1")[1]["status"] == "STUB"


def test_a_worker_that_is_cut_down_takes_its_executor_along_and_loses_nothing(works: Works) -> None:
    task_id = works.create(3)
    works.slow(True)
    with works.started("--lease", "2") as worker:
        pid = works.pid()
        worker.send_signal(signal.SIGKILL)
        until(lambda: is_gone(pid))
    works.slow(False)

    def done() -> bool:
        time.sleep(0.4)  # until the lease is over every look is a command for nothing
        works.once()
        return bool(works.task(task_id)["state"] == "completed")

    until(done)
    assert works.task(task_id)["run"] == 2


def test_a_worker_that_is_asked_to_end_gives_its_task_back(works: Works) -> None:
    task_id = works.create(4)
    works.slow(True)
    with works.started("--grace", "0") as worker:
        pid = works.pid()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
    assert is_gone(pid)
    assert works.task(task_id)["state"] == "queued"
    works.slow(False)
    works.once()
    assert works.task(task_id)["state"] == "completed"


def test_a_cancelled_task_is_stopped(works: Works) -> None:
    task_id = works.create(5)
    works.slow(True)
    with works.started("--lease", "2") as worker:
        pid = works.pid()
        assert works.call("/api/tasks/cancel", {"task_id": task_id})[0] == 200
        until(lambda: is_gone(pid))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
    works.slow(False)
    assert works.task(task_id)["state"] == "cancelled"


def test_two_workers_do_each_task_once(works: Works) -> None:
    ids = [works.create(number) for number in range(10, 16)]
    with works.started() as one, works.started() as other:
        until(lambda: all(works.task(task_id)["state"] == "completed" for task_id in ids))
        for worker in (one, other):
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE_S) == 0
    assert [works.task(task_id)["run"] for task_id in ids] == [1] * len(ids)


def test_who_is_not_let_in_is_told(works: Works) -> None:
    wrong = works.folder / "wrong"
    wrong.write_text("slotgate_0_0")
    words = ("worker", "--server", works.served.url, "--token-file", str(wrong), "--once")
    refused = run(works.folder, *words)
    assert (refused.returncode, b"token was refused" in refused.stderr) == (1, True)
    missing = run(works.folder, *words[:4], str(works.folder / "none"), "--once")
    assert missing.returncode == 4
    assert run(works.folder, "worker", "--server", "http://10.0.0.1", *words[3:]).returncode == 2
