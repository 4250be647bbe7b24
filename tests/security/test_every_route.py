"""Every route of the served application: who reaches it, and what every answer carries.

The application says itself which routes it has; a new one is refused here until somebody says whose it is.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served
from tests.security.control_routes import CONTROL
from tests.security.requests import asked, signed_in


class Reach(Enum):
    """Who gets an answer from a route: nobody else learns more than how to sign in."""

    EVERYBODY = "shows no telemetry, no controls, no names"
    SESSION = "people who signed in; what is not only read, from our own pages alone"
    MEANT = "checks the caller itself: header, origin or token, then the person"
    STATE = "checks the caller itself, and changes nothing"
    SAME_USER = "commands of this user on this machine, by the secret of `serving.json`"
    CONTROL = "checks the caller itself: session or token first, then that it was meant; then the roles"
    TOKEN = "programs with a token of its scope; no session"
    BUILD = "whoever can sign with the secret of the home; 404 where it has none"


E, S, M, L = Reach.EVERYBODY, Reach.SESSION, Reach.MEANT, Reach.SAME_USER
_ANY = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
ROUTES = {
    "GET,HEAD /healthz": E,
    "GET,HEAD /readyz": E,
    "POST /hooks/ci": Reach.BUILD,
    "POST /v1/logs": Reach.TOKEN,
    "GET,HEAD /record/{number:int}.json": S,
    "GET,HEAD /record/{number:int}": S,
    "POST /local/v1/ping": L,
    "POST /local/v1/report": L,
    "POST /local/v1/recent-jobs": L,
    "POST /local/v1/load": L,
    "POST /local/v1/evidence": L,
    "POST /local/v1/kill-facts": L,
    "POST /local/v1/gate-findings": L,
    "POST /local/v1/gate-lines": L,
    "POST /local/v1/step-windows": L,
    "POST /local/v1/bucket-counts": L,
    "POST /local/v1/rebuild-rollups": L,
    "POST /local/v1/compact": L,
    "POST /local/v1/how-far": L,
    "POST /local/v1/end-work": L,
    "POST /local/v1/retain": L,
    "POST /local/v1/retention": L,
    "POST /local/v1/day-usage": L,
    "POST /local/v1/gaps": L,
    "POST /local/v1/quarantine": L,
    "POST /local/v1/replay": L,
    "POST /local/v1/copy-to": L,
    "POST /local/v1/adopt-archive": L,
    "POST /local/v1/archive": L,
    "POST /api/v1/kill": M,
    "POST /api/v1/kill/reason": M,
    "GET,HEAD /api/v1/state": Reach.STATE,
    "POST /api/v1/sign-in": M,
    "POST /api/v1/sign-out": M,
    "GET /api/v1/openapi.json": E,
    "POST /ofrep/v1/evaluate/flags/{key:path}": Reach.STATE,
    "POST /ofrep/v1/evaluate/flags": Reach.STATE,
    "DELETE,GET,HEAD,PATCH,POST,PUT /ofrep/{path:path}": Reach.STATE,
    "GET,HEAD /metrics": Reach.STATE,
    "POST /api/tasks/create": M,
    "POST /api/tasks/complete": M,
    "POST /api/tasks/fail": M,
    "POST /api/tasks/cancel": M,
    "POST /api/tasks-mutations/claim": M,
    "POST /api/tasks-mutations/heartbeat": M,
    "POST /api/tasks-mutations/release": M,
    "POST /api/artifacts": M,
    "GET,HEAD /api/tasks": Reach.STATE,
    "GET,HEAD /api/tasks/{task_id}": Reach.STATE,
    "GET,HEAD /api/artifacts/{task_id}/{run:int}": Reach.STATE,
    "DELETE,PATCH,POST,PUT /api/tasks": M,
    "DELETE,PATCH,POST,PUT /api/tasks-mutations": M,
    "DELETE,PATCH,POST,PUT /api/artifacts": M,
    "DELETE,PATCH,POST,PUT /api/tasks/{path:path}": M,
    "DELETE,PATCH,POST,PUT /api/tasks-mutations/{path:path}": M,
    "DELETE,PATCH,POST,PUT /api/artifacts/{path:path}": M,
    "GET,HEAD /api/tasks/{path:path}": Reach.STATE,
    "GET,HEAD /api/tasks-mutations/{path:path}": Reach.STATE,
    "GET,HEAD /api/artifacts/{path:path}": Reach.STATE,
    "GET,HEAD /sign-in/provider": E,
    "GET,HEAD /sign-in/back": E,
    "GET,HEAD /sign-in": E,
    "GET,HEAD /stop": E,
    "GET,HEAD /our/page.css": E,
    "GET,HEAD /our/stop-panel.css": E,
    "GET,HEAD /our/stop-panel.js": E,
    "GET,HEAD /our/stop-page.js": E,
    "GET,HEAD /our/sign-in.js": E,
    "GET,HEAD /our/icon.png": E,
    "GET,HEAD /_stcore/health": S,
    "OPTIONS /_stcore/health": S,
    "GET,HEAD /_stcore/metrics": S,
    "OPTIONS /_stcore/metrics": S,
    "GET,HEAD /_stcore/host-config": S,
    "GET,HEAD /media/{file_id:path}": S,
    "OPTIONS /media/{file_id:path}": S,
    "PUT /_stcore/upload_file/{session_id}/{file_id}": S,
    "DELETE /_stcore/upload_file/{session_id}/{file_id}": S,
    "OPTIONS /_stcore/upload_file/{session_id}/{file_id}": S,
    "GET,HEAD /component/{path:path}": S,
    "OPTIONS /component/{path:path}": S,
    "GET,HEAD /_stcore/bidi-components/{path:path}": S,
    "OPTIONS /_stcore/bidi-components/{path:path}": S,
    "websocket /_stcore/stream": S,
    "GET,HEAD /auth/login": S,
    "GET,HEAD /auth/logout": S,
    "GET,HEAD /oauth2callback": S,
    f"{_ANY} /_stcore/agent/interact": S,
    f"{_ANY} /_stcore/agent/openapi.json": S,
    f"{_ANY} /_stcore/agent/mcp": S,
    "mount /": S,
}
ROUTES |= dict.fromkeys(CONTROL, Reach.CONTROL)
HTTP = [route for route in ROUTES if not route.startswith(("websocket", "mount"))]
FORGED = {
    "X-Slotgate-Operator": "local|alice",
    "X_Slotgate_Operator": "local|alice",
    "X-Slotgate-Session": "0" * 64,
    "X-Forwarded-User": "alice",
    "X-Forwarded-For": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
    "Authorization": "Basic YWxpY2U6YWxpY2U=",
}
EVIL = {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"}
REFUSED = {E: None, S: 401, M: 403, Reach.STATE: 401, L: 403, Reach.CONTROL: 401,
           Reach.BUILD: 404}  # fmt: skip
REFUSED[Reach.TOKEN] = 401
ALWAYS = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
          "cross-origin-resource-policy", "cross-origin-opener-policy", "cache-control")  # fmt: skip


def requests_of(route: str) -> Iterator[tuple[str, str]]:
    methods, _, path = route.partition(" ")
    for name, value in (("{number:int}", "1"), ("{file_id:path}", "a.csv"), ("{path:path}", "a/b.js"),
                        ("{key:path}", "slotgen_ai"),
                        ("{task_id}", "t1"), ("{run:int}", "1"),
                        ("{number}", "1"), ("{digest}", "d"), ("{item}", "pre-clean-main"), ("{seq}", "1"),
                        ("{token}", "t"), ("{record}", "1:0:0"),
                        ("{session_id}", "s"), ("{file_id}", "f")):  # fmt: skip
        path = path.replace(name, value)
    for method in methods.split(","):
        yield method, path


def test_the_table_has_every_route(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.routes", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert set(json.loads(done.stdout.strip().splitlines()[-1])) == set(ROUTES)


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["nobody", "somebody who says who they are"])
def test_without_a_session(served_town: tuple[Town, Served], headers: dict[str, str]) -> None:
    for route in [*HTTP, "GET /", "GET /controls", "GET /nowhere", "GET //media/a.csv", "GET /MEDIA/a.csv"]:
        expected = REFUSED[ROUTES.get(route, S)]
        for method, path in requests_of(route):
            status, found, body = asked(served_town[1], method, path, headers)
            said = (method, path, status, body[:200])
            assert status == expected if expected else status < 400, said
            assert not [name for name in ALWAYS if name not in found], (said, found)
            assert b"Traceback" not in body, said


def test_a_viewer_and_a_page_of_another_port_change_nothing(served_town: tuple[Town, Served]) -> None:
    people, served = served_town
    bob, alice = signed_in(served, people.tokens["bob"]), signed_in(served, people.tokens["alice"])
    before = people.home.control_file.read_bytes()
    for route in HTTP:
        for method, path in requests_of(route):
            if method in ("GET", "HEAD", "OPTIONS") or path == "/api/v1/sign-out":
                continue
            meant = {"X-Slotgate-Request": "1", "Content-Type": "application/json"}
            foreign, found, _ = asked(served, method, path, {**alice, **meant, **EVIL}, b"{}")
            assert foreign in (403, 404), (method, path, foreign)
            assert "access-control-allow-origin" not in found
            plain, _, _ = asked(served, method, path, {**alice, "Content-Type": "text/plain"}, b"{}")
            assert plain in (403, 404), (method, path, plain)
            own, _, _ = asked(served, method, path, {**bob, **meant, "Origin": served.url}, b"{}")
            assert own >= 400, (method, path, own)
    assert people.home.control_file.read_bytes() == before
    assert ("local|bob", "kill refused") in [(actor, action) for actor, action, _ in people.actions()]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../etc/passwd", "/static/%2e%2e/%2e%2e/server/options.py", "/static/..%2f..%2fmedia/a",
        "/our/..%2f..%2fgate.db", "/our/../views/icon.png", "/component/../../etc/passwd",
        "/_stcore/bidi-components/%2e%2e/%2e%2e/etc/passwd", "/media/../../session.key", "/media//etc/passwd",
        "/media/%00", "/record/1%2f..%2f..%2fsession.key", "/record/-1", "/record/99999999999999999999999",
        "/record/1.json%00.html", "/record/%EF%BC%91", "//etc/passwd", "/\\..\\..\\etc\\passwd",
        "/stop/../controls", "/healthz/%2e%2e/media/a", "/api/v1/../../media/a",
    ],
)  # fmt: skip
def test_no_path_leads_out(served_town: tuple[Town, Served], path: str) -> None:
    people, served = served_town
    for headers in ({}, signed_in(served, people.tokens["bob"])):
        status, found, body = asked(served, "GET", path, headers)
        assert status < 500, (status, body[:200])
        assert not [name for name in ALWAYS if name not in found]
        for secret in (b"root:", b"SQLite format", b"Traceback", str(people.home.root).encode()):
            assert secret not in body


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "; ".join(f"a{number}=b" for number in range(2_000))},
        {"Cookie": "slotgate_1=" + "A" * 30_000},
        {"X-Filling": "x" * 30_000},
        {"Accept": "text/html" * 2_000},
        {"Host": "evil.example"},
        {"Host": ""},
        {"Cookie": 'a="\\"; slotgate'},
    ],
    ids=["many cookies", "a long cookie", "a long header", "accept", "host", "no host", "broken"],
)
def test_stuffing(served_town: tuple[Town, Served], headers: dict[str, str]) -> None:
    for path in ("/controls", "/api/v1/state", "/sign-in"):
        status, _, body = asked(served_town[1], "GET", path, headers)
        assert status < 500, body
        assert b"Traceback" not in body
    assert served_town[1].get("/healthz")[0] == 200


def test_nothing_was_said_about_a_secret(served_town: tuple[Town, Served]) -> None:
    """What the requests above led to, as the record has it."""
    people, _ = served_town
    record = json.dumps(people.actions())
    for secret in (*people.tokens.values(), people.kill_token):
        assert secret not in record
