"""The contract of the server that a worker sees, over HTTP and in memory."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashboard.errors import CallDenied, Unreachable
from dashboard.worker.http_server import HttpTaskServer
from dashboard.worker.task_server import Claimed, TaskServer
from gates.store.rows import TokenScope
from tests.dashboard.api.on_loopback import on_loopback
from tests.dashboard.api.tasks.test_calls import Office
from tests.dashboard.worker.fakes import MemoryServer
from tests.gates.tasks.builders import Desk, result, spec


@pytest.fixture(params=["http", "memory"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TaskServer]:
    """One with two tasks, `t1` and `t2`."""
    if request.param == "memory":
        desk = Desk()
        for name in ("t1", "t2"):
            desk.create(task_id=name)
        yield MemoryServer(desk)
        return
    office = Office(tmp_path)
    client = office.client()
    for name in ("t1", "t2"):
        client.post("/api/tasks/create", json={"job_spec": spec(), "task_id": name})
    token = office.tokens[TokenScope.TASKS]
    with on_loopback(office.app) as url, closing(HttpTaskServer(f"{url}/", token, 10)) as made:
        yield made
    office.opened.close()
    office.town.access.close()


def test_the_contract(server: TaskServer) -> None:
    first, second = server.claim(60), server.claim(60)
    assert first == Claimed("t1", 1, spec())
    assert second is not None
    assert server.claim(60) is None
    server.heartbeat(first, 30)
    with pytest.raises(CallDenied) as denied:
        server.complete(first)
    assert denied.value.code == "E_NO_RESULT"
    with pytest.raises(CallDenied) as denied:
        server.hand_in(first, result("J2"))
    assert denied.value.code == "E_ARTIFACT_INVALID"
    for _ in range(2):
        server.hand_in(first, result())
    for _ in range(2):
        server.complete(first)
    with pytest.raises(CallDenied) as denied:
        server.heartbeat(first, 30)
    assert (denied.value.code, "final" in str(denied.value)) == ("E_TASK_TERMINAL", True)
    server.release(second)
    again = server.claim(60)
    assert again == Claimed("t2", 2, spec())
    with pytest.raises(CallDenied) as denied:
        server.fail(second, "too late")
    assert denied.value.code == "E_NOT_CLAIMANT"
    for _ in range(2):
        server.fail(again, "it broke")


class _Odd(BaseHTTPRequestHandler):
    """Answers as the path of the server's URL says."""

    def do_POST(self) -> None:
        kind = self.path.split("/")[1]
        self.rfile.read(int(self.headers["Content-Length"]))
        status, data = ODD[kind]
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


ODD: dict[str, tuple[int, bytes]] = {
    "html": (200, b"<html>"),
    "list": (200, b"[]"),
    "half": (200, b'{"task": {"task_id": "t1"}}'),
    "deep": (200, b"[" * 100_000),
    "huge": (200, b" " * (9 << 20)),
    "down": (503, b""),
    "broken": (500, b"\xff"),
    "moved": (302, b""),
    "nobody": (401, b'{"detail": "sign in"}'),
}


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_answer_of_ours_is_never_a_task(odd: str, kind: str) -> None:
    expected = CallDenied if kind in ("moved", "nobody") else Unreachable
    with closing(HttpTaskServer(f"{odd}/{kind}", "secret", 10)) as server:
        with pytest.raises(expected) as raised:
            server.claim(60)
        assert "secret" not in str(raised.value)


def test_nobody_there() -> None:
    with closing(HttpTaskServer("http://127.0.0.1:1", "secret", 10)) as server, pytest.raises(Unreachable):
        server.claim(60)
