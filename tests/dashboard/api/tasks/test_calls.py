"""The routes of the tasks, as programs and pages reach them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.api.routes import api_routes
from dashboard.api.tasks.answers import STATUS
from dashboard.api.tasks.opened import OpenedTasks, could_reach
from dashboard.api.tasks.routes import task_routes
from dashboard.auth.doorkeeper import Doorkeeper
from gates.controls.reader import ControlFile
from gates.policy.intent import Mode
from gates.store.rows import TokenScope
from gates.store.store import Store
from gates.store.tokens import new_token
from gates.tasks.payload import LARGEST_BODY
from gates.tasks.policy.actions import MUTATIONS
from gates.tasks.policy.decided import TaskReason
from tests.dashboard.auth.town import ALICE, ORIGIN, OURS, Town, town
from tests.gates.tasks.builders import result, spec


class Office:
    """A town whose tasks are served. `tokens` has one of each scope, all of Alice's."""

    def __init__(self, folder: Path, mode: Mode = Mode.ENFORCE) -> None:
        self.town: Town = town(folder)
        self.environ: dict[str, str] = {}
        self.opened = OpenedTasks(self.town.access, self.environ)
        self.tokens: dict[TokenScope, str] = {}
        store = Store.open(self.town.home.store)
        with store.begin() as tx:
            tx.settings.set("mode", mode.value)
            for scope in TokenScope:
                token = new_token(ALICE, scope, by=ALICE, now_ns=self.town.clock(), expires_at_ns=None)
                tx.tokens.add(token.row)
                self.tokens[scope] = token.text
        store.close()
        self.app = Starlette(
            routes=[*task_routes(self.opened), *api_routes(self.town.access, ORIGIN)],
            middleware=[Middleware(Doorkeeper, access=self.town.access, required=True)],
        )

    def client(self, scope: TokenScope | None = TokenScope.TASKS) -> TestClient:
        """A program with a token of that scope, or a browser without a session."""
        headers = {} if scope is None else {"Authorization": f"Bearer {self.tokens[scope]}"}
        return TestClient(self.app, ORIGIN, headers={"X-Slotgate-Request": "1", **headers})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.opened.close()
    made.town.access.close()


def test_a_program_takes_a_task_through_its_life(office: Office) -> None:
    client = office.client()
    made = client.post("/api/tasks/create", json={"job_spec": spec(), "task_id": "t1"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert client.post("/api/tasks/create", json={"job_spec": spec(), "task_id": "t1"}).status_code == 200
    claimed = client.post("/api/tasks-mutations/claim").json()
    assert claimed["job_spec"] == spec()
    run = {"task_id": "t1", "run": 1}
    assert client.post("/api/tasks-mutations/heartbeat", json=run).status_code == 200
    assert client.post("/api/artifacts", json={**run, "artifact": result()}).status_code == 200
    assert client.post("/api/tasks/complete", json=run).json()["task"]["state"] == "completed"

    shown = client.get("/api/tasks/t1").json()
    kinds = [event["kind"] for event in shown["events"]]
    assert kinds == ["created", "claimed", "heartbeat", "artifact", "completed"]
    assert shown["job_spec"] == spec()
    assert "spec" not in shown["events"][0]["detail"]
    kept = client.get("/api/artifacts/t1/1")
    assert kept.json() == result()
    assert kept.headers["content-type"] == "application/json"
    denied = client.post("/api/tasks/cancel", json={"task_id": "t1"})
    assert (denied.status_code, denied.headers["content-type"]) == (409, "application/problem+json")
    assert denied.json()["reason_code"] == "E_TASK_TERMINAL"


def test_pages_of_tasks(office: Office) -> None:
    client = office.client()
    for name in ("a", "b", "c"):
        client.post("/api/tasks/create", json={"job_spec": spec(), "task_id": name})
    client.post("/api/tasks/cancel", json={"task_id": "b"})
    first = client.get("/api/tasks?most=2").json()
    assert [one["task_id"] for one in first["tasks"]] == ["a", "b"]
    rest = client.get(f"/api/tasks?most=2&after={first['next']}").json()
    assert ([one["task_id"] for one in rest["tasks"]], rest["next"]) == (["c"], None)
    cancelled = client.get("/api/tasks?state=cancelled").json()["tasks"]
    assert [one["task_id"] for one in cancelled] == ["b"]


ODD = [
    ("/api/tasks?most=101", 400), ("/api/tasks?most=-1", 400), ("/api/tasks?after=x", 400),
    ("/api/tasks?after=" + "9" * 40, 400), ("/api/tasks?after=٣", 400), ("/api/tasks?state=x", 400),
    ("/api/tasks/none", 404), ("/api/tasks/" + "x" * 100, 404), ("/api/tasks/%00", 404),
    ("/api/tasks/none/more", 404), ("/api/tasks-mutations/claim", 404), ("/api/artifacts/t1/1", 404),
    ("/api/artifacts/t1/99999999999999999999", 404), ("/api/artifacts/t1/x", 404),
]  # fmt: skip


def test_odd_looks(office: Office) -> None:
    client = office.client()
    for path, status in ODD:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
            path
        )


def test_the_scopes_that_open_tasks(office: Office) -> None:
    for scope in TokenScope:
        client, opens = office.client(scope), scope in (TokenScope.ALL, TokenScope.TASKS)
        made = client.post("/api/tasks/create", json={"job_spec": spec()})
        assert made.status_code == (201 if opens else 401), scope
        assert client.get("/api/tasks").status_code == (200 if opens else 401), scope


def test_who_may(office: Office) -> None:
    body = {"job_spec": spec()}
    assert office.client(None).post("/api/tasks/create", json=body).status_code == 403
    assert office.client(None).get("/api/tasks").status_code == 401
    client = TestClient(office.app, ORIGIN)
    signed = client.post("/api/v1/sign-in", headers=OURS, json={"token": office.town.tokens["bob"]})
    assert signed.status_code == 200
    assert client.get("/api/tasks").status_code == 200
    refused = client.post("/api/tasks/create", headers=OURS, json=body)
    assert (refused.status_code, refused.json()["reason_code"]) == (403, "E_ROLE")
    client.post("/api/v1/sign-in", headers=OURS, json={"token": office.town.tokens["carol"]})
    assert client.post("/api/tasks/create", headers=OURS, json=body).status_code == 201
    foreign = {**OURS, "Origin": "http://127.0.0.1:1"}
    assert client.post("/api/tasks/create", headers=foreign, json=body).status_code == 403


UNLISTED = [
    ("POST", "/api/tasks-mutations/dispatch"),
    ("POST", "/api/tasks-mutations"),
    ("POST", "/api/tasks"),
    ("POST", "/api/tasks/create/"),
    ("POST", "/api/tasks/CREATE"),
    ("DELETE", "/api/tasks/t1"),
    ("PUT", "/api/tasks/create"),
    ("PATCH", "/api/artifacts"),
    ("DELETE", "/api/artifacts/t1/1"),
]


@pytest.mark.parametrize("mode", Mode)
def test_what_is_not_enumerated_is_denied_with_a_body(tmp_path: Path, mode: Mode) -> None:
    office = Office(tmp_path, mode)
    for method, path in UNLISTED:
        first, second = (office.client().request(method, path, content=sent) for sent in (b"", b"\xff"))
        assert [first.status_code, second.status_code] == [403, 403]
        body = first.json()
        assert body == second.json()
        assert (body["reason_code"], body["enforcement_mode"]) == ("E_ROUTE_UNKNOWN", mode.value)
        assert (body["method"], body["path"], body["context"]["tier"]) == (method, path, "C")
    office.opened.close()


def test_the_allowlist_of_the_home(office: Office) -> None:
    client, path = office.client(), office.town.home.task_mutations
    path.write_text(json.dumps({"version": "task-mutations.v1", "allow": ["/api/tasks/create"]}))
    path.chmod(0o600)
    assert client.post("/api/tasks/create", json={"job_spec": spec()}).status_code == 201
    assert client.post("/api/tasks-mutations/claim").json()["reason_code"] == "E_ROUTE_NOT_ALLOWED"
    path.unlink()
    assert client.post("/api/tasks-mutations/claim").status_code == 200


def test_bodies_are_bounded_json(office: Office) -> None:
    client = office.client()
    assert client.post("/api/tasks/create", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert client.post("/api/tasks/create", content=b"{}").status_code == 415
    bad = client.post("/api/tasks/create", json={"job_spec": {}, "more": 1})
    assert (bad.status_code, bad.json()["reason_code"]) == (422, "E_TASK_PAYLOAD")


def test_what_of_the_home_cannot_be_used_is_said(office: Office) -> None:
    client, home = office.client(), office.town.home
    office.environ["ENFORCEMENT_MODE"] = "off"
    said = client.post("/api/tasks/create", json={"job_spec": spec()})
    assert (said.status_code, said.json()["type"]) == (503, "urn:slotgate:problem:mode-unknown")
    del office.environ["ENFORCEMENT_MODE"]
    assert could_reach(ControlFile(home.control_file).current()) is True
    home.control_file.unlink()
    assert could_reach(ControlFile(home.control_file).current()) is None
    home.store.rename(home.store.with_suffix(".away"))
    gone = client.post("/api/tasks/create", json={"job_spec": spec()})
    assert gone.status_code == 503
    assert "Retry-After" in gone.headers or gone.json()["type"].endswith("store-unreadable")


def test_every_code_has_a_status_and_every_route_a_handler(office: Office) -> None:
    assert STATUS.keys() == set(TaskReason)
    for path in MUTATIONS:
        answer = office.client().post(path, json={})
        assert answer.status_code in (200, 422), path
