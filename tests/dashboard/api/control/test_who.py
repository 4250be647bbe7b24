"""Who may call what: tokens by scope, sessions that were meant, roles in every mode, fresh proofs."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.auth.visitor import STEP_UP_NS
from gates.policy.intent import Mode
from gates.store.rows import TokenScope
from gates.store.tokens import new_token
from tests.dashboard.api.control.place import MEANT, Place
from tests.dashboard.auth.town import ALICE, ORIGIN, OURS

SAID = {"reason": "pilot", "decisionRecord": "ADR-1"}
LESS = {"change": {"percent": 3}}
RELEASES = {
    "/controls/unkill": SAID,
    "/controls/break-glass": SAID,
    "/requests": {**SAID, "change": {"kill": False}},
    "/mode": {**SAID, "mode": "off"},
    "/mode/promotion": SAID,
    "/mode/rollback": SAID,
    "/budget": {**SAID, "document": {"version": "budget.v1"}},
    "/prices": {**SAID, "document": {"version": "prices.v1", "currency": "EUR", "models": {}}},
    "/mode/auto-narrow": {"autoNarrow": "off", "reason": "pilot"},
    "/tokens": {**SAID, "operator": "alice"},
    "/operators": {**SAID, "operator": "dave", "roles": ["viewer"]},
    "/operators/roles": {**SAID, "operator": "bob", "roles": ["admin"]},
}


def kind(answer: Any) -> str:
    return str(answer.json()["type"]).removeprefix("urn:slotgate:problem:")


def scoped(place: Place, scope: TokenScope) -> dict[str, str]:
    token = new_token(ALICE, scope, by=ALICE, now_ns=place.people.clock(), expires_at_ns=None)
    with place.store() as store, store.begin() as tx:
        tx.tokens.add(token.row)
    return {**MEANT, "Authorization": f"Bearer {token.text}"}


def browser(place: Place, name: str = "alice") -> TestClient:
    client = place.client()
    token = place.people.tokens[name]
    assert client.post("/api/v1/sign-in", headers=OURS, json={"token": token}).status_code == 200
    return client


@pytest.mark.parametrize("scope", list(TokenScope))
def test_scopes(place: Place, scope: TokenScope) -> None:
    headers, client = scoped(place, scope), place.client()
    looks = scope in (TokenScope.READ, TokenScope.ALL)
    assert client.get("/api/v1/controls", headers=headers).status_code == (200 if looks else 401)
    preview = client.post("/api/v1/controls/preview", headers=headers, json=LESS)
    assert preview.status_code == (200 if looks else 401)
    changed = client.post("/api/v1/controls/narrowing", headers=headers, json=LESS)
    assert changed.status_code == (200 if scope is TokenScope.ALL else 401)


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, "header-missing"),
        (MEANT, "foreign-origin"),
        ({**MEANT, "Origin": "http://127.0.0.1:1"}, "foreign-origin"),
        ({**OURS, "Sec-Fetch-Site": "cross-site"}, "foreign-origin"),
    ],
)
def test_a_session_must_have_meant_it(place: Place, headers: dict[str, str], refused: str) -> None:
    client = browser(place)
    for path, body in (("/controls/narrowing", LESS), ("/controls/preview", LESS), ("/drills", SAID)):
        found = client.post(f"/api/v1{path}", headers=headers, json=body)
        assert (found.status_code, kind(found)) == (403, refused)
    assert client.get("/api/v1/controls").json()["newest"]["revision"] == 2
    assert client.post("/api/v1/controls/narrowing", headers=OURS, json=LESS).status_code == 200


def test_a_token_must_have_been_meant_too(place: Place) -> None:
    bearer = {"Authorization": f"Bearer {place.people.tokens['alice']}"}
    found = place.client().post("/api/v1/controls/narrowing", headers=bearer, json=LESS)
    assert (found.status_code, kind(found)) == (403, "header-missing")


def test_an_old_sign_in_releases_nothing_and_a_new_one_does(place: Place) -> None:
    client = browser(place)
    place.people.clock.now += STEP_UP_NS
    for path, body in RELEASES.items():
        found = client.post(f"/api/v1{path}", headers=OURS, json=body)
        assert (found.status_code, kind(found)) == (403, "step-up"), path
    assert client.post("/api/v1/controls/narrowing", headers=OURS, json=LESS).status_code == 200
    again = browser(place)
    assert again.post("/api/v1/mode", headers=OURS, json={**SAID, "mode": "off"}).status_code == 200
    assert place.post("/mode", {**SAID, "mode": "shadow"}).status_code == 200, "a token is proof in itself"


@pytest.mark.parametrize("mode", list(Mode))
def test_a_viewer_is_refused_in_every_mode_and_on_record(place: Place, mode: Mode) -> None:
    place.set_up(mode=mode.value)
    for path, body in {**RELEASES, "/controls/narrowing": LESS, "/drills": SAID, "/probes": {}}.items():
        found = place.post(path, body, "bob")
        assert (found.status_code, kind(found)) == (403, "role-missing"), path
    assert ("local|bob", "narrow refused") in [(who, what) for who, what, _ in place.people.actions()]


def test_an_ended_session_and_a_disabled_person_are_nobody(place: Place) -> None:
    client = browser(place, "carol")
    assert client.get("/api/v1/owed").status_code == 200
    assert place.post("/sessions/end", {"who": "carol"}, "bob").status_code == 403
    assert place.post("/sessions/end", {"who": "carol"}).json() == {"ended": 1}
    assert client.get("/api/v1/owed").status_code == 401
    assert place.post("/operators/disabling", {**SAID, "operator": "carol"}).status_code == 200
    assert kind(place.get("/owed", "carol")) == "token-refused"
    assert (ALICE, "end session", None) in place.people.actions()


def test_no_other_page_is_told_that_it_may_read(place: Place) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (
        place.client().options("/api/v1/requests", headers=asked),
        place.client().get("/api/v1/openapi.json", headers=asked),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert ORIGIN.startswith("http://127.0.0.1")
