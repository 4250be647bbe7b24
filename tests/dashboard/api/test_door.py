"""Who is let in, by which way, and who is not."""

import time

import pytest
from starlette.websockets import WebSocketDisconnect

from dashboard.auth.config import Proxy, SignIn
from dashboard.auth.door import Door
from dashboard.auth.doorkeeper import OPERATOR_HEADER, RECHECK_S, SESSION_HEADER
from tests.dashboard.auth.town import ALICE, BOB, HOUR, ORIGIN, OURS, PASSWORD, SECOND, STREAM, Town, town

HTML = {"Accept": "text/html"}


@pytest.fixture
def here(tmp_path) -> Town:  # type: ignore[no-untyped-def]
    return town(tmp_path)


def test_a_stranger_is_led_to_the_sign_in_and_back(here: Town) -> None:
    client = here.client()
    led = client.get("/?scope=canary-5&x=//evil", headers=HTML, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/sign-in?next=%2F%3Fscope%3Dcanary-5%26x%3D%2F%2Fevil"
    assert client.get("/", headers=HTML, follow_redirects=False).headers["location"] == "/sign-in"
    assert client.get("/").status_code == 401
    assert client.post("/", headers=HTML).status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers=OURS):
        pass


@pytest.mark.parametrize("path", ["/sign-in", "/stop", "/our/stop-panel.js", "/our/page.css"])
def test_our_own_pages_are_for_everybody_under_a_strict_policy(here: Town, path: str) -> None:
    answer = here.client().get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    [
        "/our/",
        "/our/../pages.py",
        "/our/%2e%2e/pages.py",
        "/our/..%2fpages.py",
        "/our/pages.py",
        "/our/sign-in.html",
    ],
)
def test_nothing_else_is_served_from_there(here: Town, path: str) -> None:
    assert here.client().get(path).status_code in (401, 404)


def test_by_password(here: Town) -> None:
    client = here.client()
    answer = client.post("/api/v1/sign-in", headers=OURS, json={"name": "alice", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["operator"] == ALICE
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("slotgate_8501=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert client.get("/").text.startswith(f"{ALICE} ")
    with client.websocket_connect(STREAM, headers=OURS) as socket:
        assert socket.receive_text() == ALICE
    assert (ALICE, "sign in", "by password, from 127.0.0.1") in here.actions()


def test_by_token_and_by_one_time_code(here: Town) -> None:
    client = here.signed_in("bob")
    assert client.get("/").text.startswith(BOB)
    code = here.access.codes.issue(ALICE, lambda _: None)
    other = here.client()
    assert other.post("/api/v1/sign-in", headers=OURS, json={"code": code}).status_code == 200
    assert other.get("/").text.startswith(ALICE)
    assert here.client().post("/api/v1/sign-in", headers=OURS, json={"code": code}).status_code == 401


def test_codes_are_for_this_machine(tmp_path) -> None:  # type: ignore[no-untyped-def]
    here = town(tmp_path, door=Door("https", 8501, loopback=False))
    code = here.access.codes.issue(ALICE, lambda _: None)
    client = here.client(origin="https://127.0.0.1:8501")
    answer = client.post(
        "/api/v1/sign-in", headers={**OURS, "Origin": "https://127.0.0.1:8501"}, json={"code": code}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "alice", "password": "wrong"},
        {"name": "nobody", "password": PASSWORD},
        {"name": "carol", "password": PASSWORD},
        {"token": "slotgate_00_00"},
        {"token": "x"},
        {"code": "x"},
    ],
    ids=["password", "nobody", "no password", "token", "no token", "code"],
)
def test_what_is_wrong_opens_nothing_and_is_on_record(here: Town, body: dict[str, str]) -> None:
    client = here.client()
    answer = client.post("/api/v1/sign-in", headers=OURS, json=body)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers
    assert [action for _, action, _ in here.actions()][-1] == "sign in refused"


def test_a_kill_token_signs_nobody_in(here: Town) -> None:
    answer = here.client().post("/api/v1/sign-in", headers=OURS, json={"token": here.kill_token})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"name": 1, "password": "x"}', 400), (b"{}", 400), (b'"' * 20_000, 413)],
    ids=["cut", "list", "number", "empty", "long"],
)
def test_nonsense_is_said(here: Town, sent: bytes, status: int) -> None:
    headers = {**OURS, "Content-Type": "application/json"}
    assert here.client().post("/api/v1/sign-in", headers=headers, content=sent).status_code == status


def test_guessing_is_locked_out_and_the_kill_is_not(here: Town) -> None:
    before = here.signed_in("alice")
    client = here.client()
    for _ in range(10):
        wrong = client.post("/api/v1/sign-in", headers=OURS, json={"name": "alice", "password": "guess"})
        assert wrong.status_code == 401
    right = client.post("/api/v1/sign-in", headers=OURS, json={"name": "alice", "password": PASSWORD})
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 900
    assert any("locked" in (reason or "") for _, _, reason in here.actions())
    assert (
        client.post("/api/v1/sign-in", headers=OURS, json={"token": here.tokens["alice"]}).status_code == 200
    )
    assert before.post("/api/v1/kill", headers=OURS).json()["killed"] is True
    here.clock.now += 901 * SECOND
    again = here.client().post("/api/v1/sign-in", headers=OURS, json={"name": "alice", "password": PASSWORD})
    assert again.status_code == 200


def test_signing_in_anew_ends_the_session_before(here: Town) -> None:
    client = here.signed_in("alice")
    old = dict(client.cookies)
    client.post("/api/v1/sign-in", headers=OURS, json={"token": here.tokens["alice"]})
    assert client.get("/").status_code == 200
    thief = here.client()
    thief.cookies.update(old)
    assert thief.get("/").status_code == 401


def test_signing_out_ends_it_for_good(here: Town) -> None:
    client = here.signed_in("alice")
    stolen = dict(client.cookies)
    assert client.post("/api/v1/sign-out", headers=OURS).status_code == 200
    replayed = here.client()
    replayed.cookies.update(stolen)
    assert replayed.get("/").status_code == 401
    assert replayed.get("/api/v1/state").status_code == 401
    assert replayed.post("/api/v1/kill", headers=OURS).status_code == 401


def test_whoever_is_disabled_is_out_within_a_second(here: Town) -> None:
    client = here.signed_in("alice")
    assert client.get("/").status_code == 200
    with here.access.directory.store().begin() as tx:
        tx.operators.disable(ALICE, at_ns=here.clock())
    here.clock.now += SECOND
    assert client.get("/").status_code == 401
    assert client.post("/api/v1/kill", headers=OURS).status_code == 401


def test_an_open_websocket_ends_with_its_session(here: Town) -> None:
    client = here.signed_in("alice")
    with client.websocket_connect(STREAM, headers=OURS) as socket:
        assert socket.receive_text() == ALICE
        socket.send_text("one")
        assert socket.receive_text() == "one"
        for session in here.access.sessions.of(ALICE):
            here.access.sessions.revoke(session.name)
        time.sleep(RECHECK_S)
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:3000"}],
    ids=["none", "foreign", "null", "other port"],
)
def test_a_websocket_of_a_foreign_page_is_turned_away(here: Town, headers: dict[str, str]) -> None:
    client = here.signed_in("alice")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers=headers):
        pass


def test_a_session_that_ran_out_shows_no_page(here: Town) -> None:
    client = here.signed_in("alice")
    here.clock.now += 8 * HOUR
    assert client.get("/").status_code == 401
    state = client.get("/api/v1/state").json()
    assert state["you"]["standing"] == "kill only"


@pytest.mark.parametrize(
    "name", [OPERATOR_HEADER, SESSION_HEADER, "X-Slotgate-Operator", "x_slotgate_operator"]
)
def test_nobody_is_believed_who_says_who_they_are(here: Town, name: str) -> None:
    assert here.client().get("/", headers={name: ALICE}).status_code == 401
    client = here.signed_in("bob")
    assert client.get("/", headers={name: ALICE}).text.startswith(BOB)
    open_door = here.client(required=False)
    assert open_door.get("/", headers={name: ALICE}).text == "nobody none"


def test_a_forged_or_changed_cookie_opens_nothing(here: Town) -> None:
    client = here.signed_in("bob")
    ((name, value),) = dict(client.cookies).items()
    for forged in (value[:-4] + "AAAA", value.replace("v1.", "v2."), "v1.W10=.AAAA", ""):
        thief = here.client()
        thief.cookies.set(name, forged)
        assert thief.get("/").status_code == 401


PROXY = SignIn(
    public_url="https://gate.example.org",
    proxy=Proxy(addresses=("10.0.0.5/32",), header="X-Remote-User", issuer="sso"),
)


def behind_proxy(tmp_path) -> Town:  # type: ignore[no-untyped-def]
    here = town(tmp_path, PROXY, Door("http", 8501, loopback=False, public_url=PROXY.public_url))
    with here.access.directory.store().begin() as tx:
        tx.operators.add("sso|alice", frozenset(), by=ALICE, at_ns=here.clock())
    return here


def test_the_proxy_is_believed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    client = behind_proxy(tmp_path).client(peer="10.0.0.5", origin="https://gate.example.org")
    assert client.get("/", headers={"X-Remote-User": "alice"}).text == "sso|alice none"
    assert client.get("/", headers={"X-Remote-User": "nobody"}).status_code == 401
    assert client.get("/").status_code == 401
    twice = [("X-Remote-User", "alice"), ("X-Remote-User", "alice")]
    assert client.get("/", headers=twice).status_code == 401


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "::1"])
def test_a_forged_proxy_header_is_not(tmp_path, peer: str) -> None:  # type: ignore[no-untyped-def]
    client = behind_proxy(tmp_path).client(peer=peer, origin="https://gate.example.org")
    headers = {"X-Remote-User": "alice", "X-Forwarded-For": "10.0.0.5", "Forwarded": "for=10.0.0.5"}
    assert client.get("/", headers=headers).status_code == 401


def test_a_home_without_people_shows_its_pages_and_nothing_can_be_done(here: Town, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    client = replace(here, access=replace(here.access, people=False)).client()
    assert client.get("/").text == "nobody none"
    state = client.get("/api/v1/state").json()
    assert (state["state"], state["you"]) == ("LIVE", None)
    assert client.post("/api/v1/kill", headers=OURS).status_code == 401


def test_the_cookie_of_a_tls_door_is_bound_to_its_host(tmp_path) -> None:  # type: ignore[no-untyped-def]
    here = town(tmp_path, door=Door("https", 8443, loopback=False))
    origin = "https://127.0.0.1:8443"
    client = here.client(origin=origin)
    answer = client.post(
        "/api/v1/sign-in", headers={**OURS, "Origin": origin}, json={"token": here.tokens["alice"]}
    )
    assert answer.headers["set-cookie"].startswith("__Host-slotgate=")
    assert "Secure" in answer.headers["set-cookie"]
    assert client.get("/").text.startswith(ALICE)
    assert origin != ORIGIN
