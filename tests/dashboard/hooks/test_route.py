"""`POST /hooks/ci`, through the route and on a real server over loopback."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.hooks.route import MAX_BODY, PATH, hook_routes
from dashboard.hooks.signed import HEADER, signature
from gates.changes.service import ChangeService
from gates.controls.instant import timestamp
from gates.errors import StoreLocked
from tests.dashboard.cli.homes import answer
from tests.dashboard.hooks.test_statement import SECRET, body
from tests.dashboard.server.processes import started
from tests.gates.changes.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    put_secret(made.home.ci_hook_secret)
    return made


def put_secret(path: Path) -> None:
    path.write_bytes(SECRET)
    path.chmod(0o600)


class Hook:
    """The route of a home whose store can be locked."""

    def __init__(self, world: World) -> None:
        self.world, self.locked = world, False
        app = Starlette(routes=hook_routes(world.home, self.opened, world.clock))
        self.client = TestClient(app)

    @contextmanager
    def opened(self) -> Iterator[ChangeService]:
        if self.locked:
            raise StoreLocked("the store is locked; try again")
        yield self.world.service

    def post(self, data: bytes, header: str | None = None) -> tuple[int, dict[str, str]]:
        headers = {HEADER: signature(SECRET, data) if header is None else header}
        got = self.client.post(PATH, content=data, headers=headers)
        return got.status_code, got.json()

    def say(self, **changes: Any) -> tuple[int, dict[str, str]]:
        return self.post(body(**({"at": timestamp(self.world.clock.now)} | changes)))


@pytest.fixture
def hook(world: World) -> Hook:
    return Hook(world)


class TestRoute:
    def test_signed(self, hook: Hook) -> None:
        assert hook.say() == (200, {"done": "statement 1: `flight-ci-green` is signed"})
        assert hook.say() == (200, {"done": "taken before; nothing was changed"})
        assert hook.say(delivery="run-0008-1", passed=False)[0] == 200
        assert [row.withdrawn_by for row in hook.world.service.statements()] == ["ci|webhook"]

    def test_a_failure_that_withdrew_nothing_is_taken_once_too(self, hook: Hook) -> None:
        at = timestamp(hook.world.clock.now)
        assert hook.say(passed=False, at=at)[0] == 200
        hook.say(delivery="run-0008-1")
        assert hook.say(passed=False, at=at) == (200, {"done": "taken before; nothing was changed"})
        assert [row.withdrawn_at_ns for row in hook.world.service.statements()] == [None]

    @pytest.mark.parametrize("header", ["", "sha256=" + "0" * 64, "sha1=0", signature(b"x" * 32, body())])
    def test_not_signed(self, hook: Hook, header: str) -> None:
        assert hook.post(body(), header) == (403, {"error": "the signature is missing or wrong"})
        assert hook.world.service.statements() == ()

    def test_the_signature_is_of_the_very_bytes(self, hook: Hook) -> None:
        assert hook.post(body() + b" ", signature(SECRET, body()))[0] == 403

    @pytest.mark.parametrize("data", [b"", b"{}", b"\xff", body(item="change-path"), body(link="wiki")])
    def test_signed_and_unusable(self, hook: Hook, data: bytes) -> None:
        status, said = hook.post(data)
        assert status == 400
        assert said["error"]
        assert hook.world.service.statements() == ()

    def test_too_old(self, hook: Hook) -> None:
        said = body(at=timestamp(hook.world.clock.now))
        hook.world.clock.now += 700 * 10**9
        assert hook.post(said)[0] == 400

    def test_the_body_is_bounded(self, hook: Hook) -> None:
        assert hook.post(b" " * MAX_BODY)[0] == 400
        assert hook.post(b" " * (MAX_BODY + 1))[0] == 413

    def test_without_a_secret_nothing_is_taken(self, hook: Hook) -> None:
        hook.world.home.ci_hook_secret.chmod(0o644)
        assert hook.say()[0] == 404
        hook.world.home.ci_hook_secret.unlink()
        assert hook.post(b"", signature(b"", b""))[0] == 404

    def test_a_store_that_cannot_be_used_can_be_told_again(self, hook: Hook) -> None:
        hook.locked = True
        assert hook.say() == (503, {"error": "the store is locked; try again"})
        hook.locked = False
        assert hook.say()[0] == 200

    def test_other_methods(self, hook: Hook) -> None:
        assert hook.client.get(PATH).status_code == 405


def test_a_real_server_takes_it_without_a_session(tmp_path: Path) -> None:
    answer(tmp_path, "init", "--operator", "alice", "--environment", "test")
    put_secret(tmp_path / ".slotgate" / "ci-hook.secret")
    with started(tmp_path, "serve") as served:
        served.wait_until_ready()

        def post(data: bytes, header: str) -> tuple[int, Any]:
            request = urllib.request.Request(served.url + PATH, data, {HEADER: header})
            try:
                with urllib.request.urlopen(request, timeout=60) as got:
                    return got.status, json.loads(got.read())
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read())

        said = body(at=timestamp(time.time_ns()))
        assert post(said, "sha256=0")[0] == 403
        assert post(said, signature(SECRET, said)) == (
            200,
            {"done": "statement 1: `flight-ci-green` is signed"},
        )
        assert post(said, signature(SECRET, said))[1] == {"done": "taken before; nothing was changed"}
    shown = answer(tmp_path, "beta", "--list", "preflight", code=1)
    signed = {item["id"]: item["statement"] for item in shown["items"] if item["state"] == "SIGNED"}
    assert signed.keys() == {"flight-ci-green"}
    assert signed["flight-ci-green"]["author"] == "ci|webhook"
