"""The kill by the API: who may, what may be broken, and what is said."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.api.kill import told
from gates.controls.reader import ControlFile
from gates.kill import Stopped
from gates.store.rows import TokenScope
from tests.dashboard.api.on_loopback import on_loopback
from tests.dashboard.auth.town import ALICE, CAROL, HOUR, ORIGIN, OURS, Town, application, town


@pytest.fixture
def here(tmp_path: Path) -> Town:
    return town(tmp_path)


def is_stopped(here: Town) -> bool:
    controls = ControlFile(here.home.control_file, clock=here.clock).current()
    return bool(controls.unknown or controls.killed)


def test_a_person_on_call_stops_everything(here: Town) -> None:
    client = here.signed_in("carol")
    assert client.get("/api/v1/state").json()["state"] == "LIVE"
    said = client.post("/api/v1/kill", headers=OURS).json()
    assert (said["killed"], said["by"], said["revision"], said["actor"]) == (True, "publish", 3, CAROL)
    assert said["took_ms"] < 1_000
    assert "kill" in said["read_back"]
    assert is_stopped(here)
    state = client.get("/api/v1/state").json()
    assert (state["state"], state["by"], state["revision"]) == ("KILLED", CAROL, 3)
    assert (CAROL, "kill", None) in here.actions()


def test_again_changes_nothing_and_says_so(here: Town) -> None:
    client = here.signed_in("carol")
    client.post("/api/v1/kill", headers=OURS)
    said = client.post("/api/v1/kill", headers=OURS).json()
    assert (said["killed"], said["already"], said["revision"]) == (True, True, 3)


def test_the_reason_is_given_afterwards_and_stops_nothing(here: Town) -> None:
    client = here.signed_in("carol")
    client.post("/api/v1/kill", headers=OURS)
    given = client.post("/api/v1/kill/reason", headers=OURS, json={"reason": "failures at 30 %"})
    assert given.json() == {"given": True, "by": CAROL}
    again = client.post("/api/v1/kill/reason", headers=OURS, json={"reason": "twice"})
    assert again.status_code == 409
    assert client.post("/api/v1/kill/reason", headers=OURS, json={"reason": " "}).status_code == 400
    assert (CAROL, "give owed", "failures at 30 %") in here.actions()


def test_a_program_stops_with_a_kill_token_and_no_origin(here: Town) -> None:
    client = here.client()
    headers = {"X-Slotgate-Request": "1", "Authorization": f"Bearer {here.kill_token}"}
    said = client.post("/api/v1/kill", headers=headers).json()
    assert (said["killed"], said["actor"]) == (True, CAROL)
    assert client.get("/api/v1/state", headers=headers).json()["you"]["standing"] == "kill only"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ORIGIN},
        {"X-Slotgate-Request": "1"},
        {"X-Slotgate-Request": "1", "Origin": "null"},
        {"X-Slotgate-Request": "1", "Origin": "http://evil.example"},
        {"X-Slotgate-Request": "1", "Origin": "http://127.0.0.1:3000"},
        {"X-Slotgate-Request": "1", "Origin": "https://127.0.0.1:8501"},
        {"X-Slotgate-Request": "1", "Origin": "http://localhost:8501"},
        {"X-Slotgate-Request": "1", "Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {"X-Slotgate-Request": "1", "Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    ],
    ids=[
        "bare",
        "no header",
        "no origin",
        "null",
        "foreign",
        "port",
        "scheme",
        "name",
        "same-site",
        "cross-site",
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/v1/kill", "/api/v1/kill/reason", "/api/v1/sign-in", "/api/v1/sign-out"]
)
def test_what_no_page_of_ours_sent_is_refused(here: Town, path: str, headers: dict[str, str]) -> None:
    answer = here.signed_in("alice").post(path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] in (
        "urn:slotgate:problem:foreign-origin",
        "urn:slotgate:problem:header-missing",
    )
    assert not is_stopped(here)


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
def test_only_a_post_stops(here: Town, method: str) -> None:
    assert here.signed_in("alice").request(method, "/api/v1/kill", headers=OURS).status_code == 405
    assert not is_stopped(here)


def test_nobody_stops_without_being_somebody(here: Town) -> None:
    answer = here.client().post("/api/v1/kill", headers=OURS)
    assert answer.status_code == 401
    assert "`slotgate kill`" in answer.json()["detail"]
    assert answer.json()["killed"] is False
    bearer = {**OURS, "Authorization": "Bearer slotgate_ab_cd"}
    assert here.client().post("/api/v1/kill", headers=bearer).status_code == 401
    assert not is_stopped(here)


def test_who_may_look_may_not_stop_and_the_try_is_on_record(here: Town) -> None:
    answer = here.signed_in("bob").post("/api/v1/kill", headers=OURS)
    assert answer.status_code == 403
    assert "call the rota" in answer.json()["detail"]
    assert [action for _, action, _ in here.actions()][-1] == "kill refused"
    assert not is_stopped(here)


def test_a_session_that_ran_out_stops_for_seven_days(here: Town) -> None:
    client = here.signed_in("carol")
    here.clock.now += 8 * HOUR + 7 * 24 * HOUR - 1
    assert client.post("/api/v1/kill", headers=OURS).json()["killed"] is True


def test_and_no_longer(here: Town) -> None:
    client = here.signed_in("carol")
    here.clock.now += 8 * HOUR + 7 * 24 * HOUR
    assert client.post("/api/v1/kill", headers=OURS).status_code == 401


@contextmanager
def held(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield


def late(here: Town) -> str:
    return (here.home.late / "late.jsonl").read_text()


def test_it_works_while_the_store_is_locked(here: Town) -> None:
    client = here.signed_in("carol")
    with held(here.home.store):
        begin = time.perf_counter()
        said = client.post("/api/v1/kill", headers=OURS).json()
        assert said["killed"] is True
        # The test client waits for the record too, which gives up after a second. The rest: a busy machine.
        assert time.perf_counter() - begin < 30
        assert is_stopped(here)
    assert CAROL in late(here)


@pytest.mark.parametrize("data", [b"", b"no database at all" * 500], ids=["empty", "foreign"])
def test_it_works_while_the_store_is_damaged(here: Town, data: bytes) -> None:
    client = here.signed_in("carol")
    for name in ("gate.db-wal", "gate.db-shm"):
        (here.home.root / name).unlink(missing_ok=True)
    here.home.store.write_bytes(data)
    here.access.directory.close()
    here.clock.now += 2 * 10**9
    assert client.get("/api/v1/state").json()["state"] == "LIVE"
    assert client.post("/api/v1/kill", headers=OURS).json()["killed"] is True
    assert CAROL in late(here)
    bearer = {**OURS, "Authorization": f"Bearer {here.kill_token}"}
    refused = here.client().post("/api/v1/kill", headers=bearer)
    assert refused.status_code == 503
    assert "`slotgate kill`" in refused.json()["detail"]


def test_it_works_on_the_signed_cookie_alone(here: Town) -> None:
    client, viewer = here.signed_in("carol"), here.signed_in("bob")
    sessions = here.home.root / "sessions"
    for file in sessions.iterdir():
        file.unlink()
        file.mkdir()
    assert client.get("/").status_code == 401
    assert viewer.post("/api/v1/kill", headers=OURS).status_code == 403
    assert client.post("/api/v1/kill", headers=OURS).json()["killed"] is True


def test_it_says_so_when_nothing_worked(here: Town) -> None:
    failed = Stopped(
        killed=False,
        by=None,
        already=False,
        before=None,
        after=None,
        at_ns=here.clock(),
        took_ms=3.0,
        read_back="NOT STOPPED: revision 2 is still in force",
        unrecorded="read-only file system",
    )
    said = told(failed, ALICE)
    assert said.status_code == 500
    body = json.loads(bytes(said.body))
    assert (body["killed"], body["by"]) == (False, None)
    assert body["detail"].startswith("STOP FAILED: NOT STOPPED: revision 2 is still in force")
    assert "`slotgate kill`" in body["detail"]


def test_it_works_when_something_else_stands_in_the_place_of_the_file(here: Town) -> None:
    client = here.signed_in("carol")
    here.home.control_file.unlink()
    here.home.control_file.mkdir()
    said = client.post("/api/v1/kill", headers=OURS).json()
    assert (said["killed"], said["by"]) == (True, "removal")


def test_the_state_is_unknown_when_the_file_is_gone(here: Town) -> None:
    client = here.signed_in("carol")
    here.home.control_file.unlink()
    state = client.get("/api/v1/state").json()
    assert state["state"] == "STATE UNKNOWN"
    assert state["by"] is None


@pytest.mark.parametrize("scope", TokenScope)
def test_the_state_is_for_tokens_that_stop_or_look(here: Town, scope: TokenScope) -> None:
    headers = {"Authorization": f"Bearer {here.token(scope)}"}
    expected = 401 if scope in (TokenScope.TASKS, TokenScope.LOGS) else 200
    assert here.client().get("/api/v1/state", headers=headers).status_code == expected


def test_strangers_are_not_told_the_state(here: Town) -> None:
    answer = here.client().get("/api/v1/state")
    assert answer.status_code == 401
    assert "LIVE" not in answer.text


@contextmanager
def listening(here: Town, done: threading.Event) -> Iterator[str]:
    """A real server with a route that holds its thread, of the shared ones, until `done`."""

    def slow(_request: Request) -> Response:
        done.wait(60)
        return PlainTextResponse("at last")

    app = application(here.access)
    app.routes.append(Route("/api/slow", slow))
    with on_loopback(app) as url:
        try:
            yield url
        finally:
            done.set()


def test_sixty_slow_requests_do_not_stand_before_it(here: Town) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in here.signed_in("carol").cookies.items())
    done = threading.Event()

    async def crowd(url: str) -> dict[str, object]:
        many = httpx.Limits(max_connections=500)
        async with (
            httpx.AsyncClient(base_url=url, timeout=30, limits=many) as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(60):
                group.start_soon(client.get, "/api/slow")
            await anyio.sleep(1)
            headers = {"X-Slotgate-Request": "1", "Origin": url, "Cookie": cookies}
            answer = await client.post("/api/v1/kill", headers=headers)
            assert not done.is_set()
            done.set()
        return dict(answer.json())

    with listening(here, done) as url:
        assert anyio.run(crowd, url)["killed"] is True


def test_a_double_click_is_one_stop(here: Town) -> None:
    client = here.signed_in("carol")
    answers: list[dict[str, object]] = []

    def click() -> None:
        answers.append(client.post("/api/v1/kill", headers=OURS).json())

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["killed"] for answer in answers] == [True] * 4
    assert {answer["revision"] for answer in answers} == {3}


def test_the_kill_of_somebody_else_is_named(here: Town) -> None:
    first, second = here.signed_in("alice"), here.signed_in("carol")
    first.post("/api/v1/kill", headers=OURS)
    assert second.get("/api/v1/state").json()["by"] == ALICE


def test_errors_are_problem_details(here: Town) -> None:
    client: TestClient = here.client()
    answer = client.post("/api/v1/kill", headers=OURS)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (body["status"], body["title"]) == (401, "Unauthorized")
    assert answer.headers["cache-control"] == "no-store"
