"""The way in by OpenID Connect, against a real provider on loopback."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from starlette.testclient import TestClient

from dashboard.api.provider import local_target
from dashboard.auth.config import Oidc, SignIn, sign_in_config
from dashboard.auth.errors import ProviderFailed, SignInMisconfigured, SignInRefused
from dashboard.auth.oidc import Journey, Provider, is_recent
from gates.policy.intent import Role
from tests.dashboard.auth.town import ALICE, ORIGIN, OURS, Town, town
from tests.dashboard.server.processes import free_port

PEOPLE = (
    {"sub": "erin", "preferred_username": "Erin", "groups": ["rota", "owners", "lunch"], "email": "e@x"},
    {"sub": "frank", "groups": "viewers"},
    {"sub": "with blank", "groups": ["rota"]},
)
ROLES = {"rota": Role.ONCALL, "owners": Role.ENGINEERING_OWNER, "viewers": Role.VIEWER}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    users = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *users],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def oidc(tmp_path: Path, issuer: str, **changes: object) -> Oidc:
    secret = tmp_path / "secret"
    secret.write_text("this provider takes any\n")
    return Oidc.model_validate(
        {
            "issuer": issuer,
            "client_id": "slotgate",
            "client_secret_file": secret,
            "roles_claim": "groups",
            "roles": ROLES,
            **changes,
        }
    )


def here(tmp_path: Path, issuer: str, **changes: object) -> Town:
    return town(tmp_path, SignIn(oidc=oidc(tmp_path, issuer, **changes)))


def at_provider(client: TestClient, path: str = "/sign-in/provider") -> str:
    """Where the browser is sent."""
    sent = client.get(path, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


def agreed(address: str, subject: str) -> str:
    """What the provider sends the browser back to, once the person there said yes."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def through(client: TestClient, subject: str, path: str = "/sign-in/provider") -> object:
    return client.get(agreed(at_provider(client, path), subject))


def test_in_by_the_provider_with_the_roles_that_it_says(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    client = place.client()
    assert f"Sign in with {issuer[7:]}" in client.get("/sign-in").text
    address = at_provider(client, "/sign-in/provider?next=/%3Fscope%3Dcanary-5")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["redirect_uri"] == f"{ORIGIN}/sign-in/back"
    back = client.get(agreed(address, "erin"))
    assert back.status_code == 200
    assert 'url=/?scope=canary-5"' in back.text
    assert client.get("/").text.startswith(f"{issuer}|erin ")
    you = client.get("/api/v1/state").json()["you"]
    assert (you["operator"], you["name"], you["mayStop"]) == (f"{issuer}|erin", "Erin", True)
    with place.access.directory.store().read() as tx:
        row = tx.operators.get(f"{issuer}|erin")
    assert row is not None
    assert row.roles == {Role.ONCALL, Role.ENGINEERING_OWNER}
    assert client.post("/api/v1/kill", headers=OURS).json()["actor"] == f"{issuer}|erin"
    actions = [action for _, action, _ in place.actions()]
    assert "roles from provider" in actions


def test_fewer_roles_the_next_time(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    client = place.client()
    through(client, "erin")
    fewer = replace(place.access, config=SignIn(oidc=oidc(tmp_path, issuer, roles={"lunch": Role.VIEWER})))
    other = replace(place, access=fewer, _served={}).client()
    through(other, "erin")
    assert other.post("/api/v1/kill", headers=OURS).status_code == 403
    place.clock.now += 2 * 10**9
    assert client.post("/api/v1/kill", headers=OURS).status_code == 403


def test_somebody_disabled_stays_out(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    through(place.client(), "erin")
    with place.access.directory.store().begin() as tx:
        tx.operators.disable(f"{issuer}|erin", at_ns=place.clock())
    client = place.client()
    through(client, "erin")
    assert client.get("/").status_code == 401


def test_without_a_roles_claim_a_person_must_be_known(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer, roles_claim=None)
    client = place.client()
    through(client, "frank")
    assert client.get("/").status_code == 401
    with place.access.directory.store().begin() as tx:
        tx.operators.add(f"{issuer}|frank", frozenset({Role.VIEWER}), by=ALICE, at_ns=place.clock())
    through(client, "frank")
    assert client.get("/").text.startswith(f"{issuer}|frank ")


def test_a_name_that_cannot_be_written_down(tmp_path: Path, issuer: str) -> None:
    client = here(tmp_path, issuer).client()
    through(client, "with blank")
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("change", ["state", "code", "nothing"])
def test_an_answer_that_was_tampered_with(tmp_path: Path, issuer: str, change: str) -> None:
    place = here(tmp_path, issuer)
    client = place.client()
    back = agreed(at_provider(client), "erin")
    parts = urlsplit(back)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    changed = {**asked, **({} if change == "nothing" else {change: "other"})}
    answer = client.get(f"{parts.path}?{urlencode(changed)}")
    assert (answer.status_code == 200) is (change == "nothing")
    assert (client.get("/").status_code == 200) is (change == "nothing")
    if change != "nothing":
        assert "sign in refused" in [action for _, action, _ in place.actions()]


def test_another_browser_cannot_finish_it(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    back = agreed(at_provider(place.client()), "erin")
    stranger = place.client()
    assert stranger.get(back).status_code == 401
    assert stranger.get("/").status_code == 401


def test_an_answer_is_good_once(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    client = place.client()
    cookies = dict(client.cookies)
    back = agreed(at_provider(client), "erin")
    assert client.get(back).status_code == 200
    replayed = place.client()
    replayed.cookies.update(cookies)
    assert replayed.get(back).status_code == 401


def test_an_answer_that_comes_too_late(tmp_path: Path, issuer: str) -> None:
    place = here(tmp_path, issuer)
    client = place.client()
    back = agreed(at_provider(client), "erin")
    place.clock.now += 601 * 10**9
    assert client.get(back).status_code == 401


def test_a_no_at_the_provider(tmp_path: Path, issuer: str) -> None:
    client = here(tmp_path, issuer).client()
    answer = requests.post(at_provider(client), data={"action": "deny"}, allow_redirects=False, timeout=60)
    assert client.get(answer.headers["location"]).status_code == 401


def test_once_more_asks_the_provider_to_ask_again(tmp_path: Path, issuer: str) -> None:
    client = here(tmp_path, issuer).client()
    address = at_provider(client, "/sign-in/provider?again=1")
    assert "prompt=login" in address
    assert "max_age=0" in address
    assert client.get(agreed(address, "erin")).status_code == 200


@pytest.mark.parametrize(
    ("authenticated", "recent"), [(1_000, True), (701, True), (700, False), (None, False), ("1000", False)]
)
def test_and_believes_only_what_was_asked_just_now(authenticated: object, recent: bool) -> None:
    assert is_recent(authenticated, 1_000.0) is recent


def test_the_token_must_be_for_us_and_for_this_sign_in(tmp_path: Path, issuer: str) -> None:
    for_us = Provider(oidc(tmp_path, issuer), f"{ORIGIN}/sign-in/back")
    address, journey = for_us.begin(again=False)
    query = {k: v[0] for k, v in parse_qs(urlsplit(agreed(address, "erin")).query).items()}
    with pytest.raises(SignInRefused, match="does not verify"):
        for_us.finish(query, Journey(journey.state, "another nonce", journey.verifier, again=False))
    address, journey = for_us.begin(again=False)
    query = {k: v[0] for k, v in parse_qs(urlsplit(agreed(address, "erin")).query).items()}
    with pytest.raises(SignInRefused, match="another provider"):
        for_us.finish({**query, "iss": "https://evil.example"}, journey)


def test_a_provider_that_does_not_answer_is_said(tmp_path: Path) -> None:
    gone = oidc(tmp_path, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProviderFailed, match="does not answer"):
        Provider(gone, "x").begin(again=False)
    client = town(tmp_path, SignIn(oidc=gone)).client()
    answer = client.get("/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 401
    assert "does not answer" in answer.text
    assert "personal token" in answer.text


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/?scope=a&window=b", "/?scope=a&window=b"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nb", "/"),
        ("", "/"),
    ],
    ids=["ours", "two slashes", "url", "backslash", "script", "line", "nothing"],
)
def test_nobody_is_sent_elsewhere(wanted: str, target: str) -> None:
    assert local_target(wanted) == target


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[oidc]\nissuer = 'http://idp.example'\nclient_id = 'x'", "https"),
        ("[oidc]\nissuer = 'https://idp.example'", "client_id"),
        ("[oidc]\nissuer = 'https://idp.example'\nclient_id = 'x'\nroles = {a = 'king'}", "roles.a"),
        ("[proxy]\naddresses = []", "addresses"),
        ("[proxy]\naddresses = ['example.org']", "addresses"),
        ("[proxi]", "proxi"),
        ("[", "cannot be read"),
    ],
    ids=["http", "no client", "role", "nobody", "name", "unknown", "toml"],
)
def test_a_wrong_configuration_is_said(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "sign-in.toml").write_text(text)
    with pytest.raises(SignInMisconfigured, match=words):
        sign_in_config(tmp_path / "sign-in.toml")


def test_a_right_configuration(tmp_path: Path) -> None:
    path = tmp_path / "sign-in.toml"
    assert sign_in_config(path) == SignIn()
    (tmp_path / "secret").write_text("\n")
    empty = Oidc(issuer="https://idp.example", client_id="x", client_secret_file=tmp_path / "secret")
    with pytest.raises(SignInMisconfigured, match="is empty"):
        assert empty.client_secret
    (tmp_path / "secret").write_text("hush\n")
    path.write_text(
        f"""
        public_url = "https://gate.example.org/"
        [oidc]
        issuer = "https://idp.example/"
        client_id = "slotgate"
        client_secret_file = "{tmp_path / "secret"}"
        roles_claim = "realm.groups"
        roles = {{ rota = "oncall" }}
        [proxy]
        addresses = ["10.0.0.5", "10.1.0.0/16"]
        """
    )
    found = sign_in_config(path)
    assert found.oidc is not None
    assert found.proxy is not None
    assert (found.public_url, found.oidc.issuer) == ("https://gate.example.org", "https://idp.example")
    assert found.oidc.client_secret == "hush"
    assert found.proxy.is_peer("10.1.2.3")
    assert not found.proxy.is_peer("10.2.0.1")
    assert not found.proxy.is_peer(None)
    assert not found.proxy.is_peer("testclient")
