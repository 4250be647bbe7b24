"""OFREP as its OpenAPI document says it, over the decision: who may ask, what is answered, what is shut."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from dashboard.api.ofrep.question import MOST_BYTES
from gates.controls.publish import Publisher
from gates.kill import stop
from gates.store.rows import TokenScope
from schemas.stages import Step
from tests.dashboard.api.ofrep.protocol import ALL, ONE, checked
from tests.dashboard.auth.town import HOUR, ORIGIN, Town, town
from tests.dashboard.rungs import Rung, controls

ONE_FLAG = "/ofrep/v1/evaluate/flags/slotgen_ai"
EVERY_FLAG = "/ofrep/v1/evaluate/flags"
JOB = {
    "targetingKey": "J1", "subject": "Biology", "level": "GCSE", "board": "AQA", "specVersion": "2016",
    "kind": "explanatory", "slotId": "summary", "allowAI": True, "jobs": 1,
}  # fmt: skip
OPEN = Rung(Step.EXPAND_100, percent=100)


class Asking:
    """A home with everything open, and a program with a token of scope `read`."""

    def __init__(self, folder: Path) -> None:
        self.town: Town = town(folder)
        self.client: TestClient = self.town.client()
        self.read = self.town.token(TokenScope.READ)
        self.publish(OPEN, 3)

    def publish(self, rung: Rung, revision: int) -> None:
        clock = self.town.clock
        document = controls(rung, revision, clock()).model_dump(mode="json")
        Publisher(self.town.home, clock).publish(document)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"Authorization": f"Bearer {self.read}", "Content-Type": "application/json"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=data, headers={**sent, **headers})

    def one(self, context: Any = JOB) -> Any:
        answer = self.post(ONE_FLAG, {"context": context})
        return checked(ONE, answer.status_code, answer.json())


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return Asking(tmp_path_factory.mktemp("ofrep"))


@pytest.fixture
def own(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


def test_one_flag(asking: Asking) -> None:
    assert asking.one() == {
        "key": "slotgen_ai",
        "value": True,
        "reason": "TARGETING_MATCH",
        "variant": "openai",
        "metadata": {
            "ruleId": "pilot-sciences", "bucket": 43, "percent": 100, "revision": 3, "origin": "file",
            "breakGlass": False, "why": "all gates passed", "environment": "demo", "step": "expand-100",
        },
    }  # fmt: skip


def test_the_controls_are_those_of_the_moment(own: Asking) -> None:
    assert own.one()["value"] is True
    own.publish(Rung(Step.CANARY_1, percent=43), 4)
    assert (own.one()["value"], own.one()["reason"]) == (False, "SPLIT")
    own.publish(Rung(Step.CANARY_1, percent=44), 5)
    assert (own.one()["value"], own.one()["reason"]) == (True, "SPLIT")
    assert stop(own.town.home).killed
    assert (own.one()["value"], own.one()["reason"]) == (False, "DISABLED")


@pytest.mark.parametrize("text", [None, "", "{", '{"version": "controls.v1"}'])
def test_controls_that_cannot_be_read_are_an_answer_and_no_error(own: Asking, text: str | None) -> None:
    """An error would make the SDK answer with the default in its caller's code."""
    if text is None:
        own.town.home.control_file.unlink()
    else:
        own.town.home.control_file.write_text(text)
    found = own.one()
    assert (found["value"], found["reason"], found["variant"]) == (False, "UNKNOWN", "stub")
    assert "cannot be used" in found["metadata"]["why"]


def test_what_the_context_does_not_say_denies(asking: Asking) -> None:
    found = asking.one({"targetingKey": "J1", "allowAI": True})
    assert (found["value"], found["reason"]) == (False, "TARGETING_MATCH")
    assert found["metadata"]["notKnown"] == "subject, level, board, specVersion, jobs, kind, slotId"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b"null", "PARSE_ERROR"),
        (b'{"context": {"targetingKey": NaN}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "J1", "targetingKey": "J2"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\\ud800"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\xff"}}', "PARSE_ERROR"),
        (b"[" * 60_000, "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "' + b"J" * MOST_BYTES + b'"}}', "PARSE_ERROR"),
        (b"{}", "TARGETING_KEY_MISSING"),
        (b'{"context": {}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": ""}}', "TARGETING_KEY_MISSING"),
        (b'{"context": null}', "INVALID_CONTEXT"),
        (b'{"context": []}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 1}}', "INVALID_CONTEXT"),
    ],
)
def test_what_is_no_question(asking: Asking, body: bytes, code: str) -> None:
    for path, answers in ((ONE_FLAG, ONE), (EVERY_FLAG, ALL)):
        answer = asking.post(path, body)
        assert answer.status_code == 400
        assert checked(answers, 400, answer.json())["errorCode"] == code
        assert "send" in answer.json()["errorDetails"]


def test_only_json(asking: Asking) -> None:
    answer = asking.post(ONE_FLAG, {"context": JOB}, **{"Content-Type": "text/plain"})
    assert checked(ONE, answer.status_code, answer.json())["errorCode"] == "PARSE_ERROR"


@pytest.mark.parametrize(
    "key", ["other", "a/b", "%2e%2e", "%ED%A0%80", "slotgen_ai/", "SLOTGEN_AI", "x" * 5_000, ""]
)
def test_other_flags_are_not_found(asking: Asking, key: str) -> None:
    answer = asking.post(f"{EVERY_FLAG}/{key}", {"context": JOB})
    assert checked(ONE, answer.status_code, answer.json())["errorCode"] == "FLAG_NOT_FOUND"
    assert len(answer.content) < 600


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ONE_FLAG), ("PUT", EVERY_FLAG), ("GET", "/ofrep/"), ("POST", "/ofrep/v2/evaluate/flags")],
)
def test_nothing_else_is_below_the_protocol(asking: Asking, method: str, path: str) -> None:
    assert asking.client.request(method, path).status_code == 401
    answer = asking.client.request(method, path, headers={"Authorization": f"Bearer {asking.read}"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:slotgate:problem:no-such-call")


def test_every_flag_and_its_tag(own: Asking) -> None:
    first = own.post(EVERY_FLAG, {"context": JOB})
    assert checked(ALL, first.status_code, first.json())["flags"] == [own.one()]
    tag = first.headers["etag"]
    for seen in (tag, f"W/{tag}", f'"other", {tag}'):
        again = own.post(EVERY_FLAG, {"context": JOB}, **{"If-None-Match": seen})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for seen in ('"other"', "*", tag.strip('"'), ""):
        assert own.post(EVERY_FLAG, {"context": JOB}, **{"If-None-Match": seen}).status_code == 200
    other = own.post(EVERY_FLAG, {"context": {**JOB, "targetingKey": "J2"}}, **{"If-None-Match": tag})
    assert other.status_code == 200
    own.publish(OPEN.killed(), 4)
    changed = own.post(EVERY_FLAG, {"context": JOB}, **{"If-None-Match": tag})
    assert (changed.status_code, changed.json()["flags"][0]["value"]) == (200, False)


def test_a_notice_of_a_change_is_taken_for_what_it_is(asking: Asking) -> None:
    """The query of an event stream changes nothing: every answer is of this moment."""
    answer = asking.post(f"{EVERY_FLAG}?flagConfigEtag=x&flagConfigLastModified=1", {"context": JOB})
    assert checked(ALL, answer.status_code, answer.json())["flags"][0]["value"] is True


@pytest.mark.parametrize("path", [ONE_FLAG, EVERY_FLAG])
def test_who_may_ask(own: Asking, path: str) -> None:
    def status(**headers: str) -> int:
        return own.post(path, {"context": JOB}, **headers).status_code

    assert status(Authorization=f"bearer {own.town.token(TokenScope.ALL)}") == 200
    for scope in (TokenScope.KILL, TokenScope.TASKS, TokenScope.LOGS):
        assert status(Authorization=f"Bearer {own.town.token(scope)}") == 401
    for nobody in ("", "Bearer ", "Bearer slotgate_1_2", "Basic YTpi"):
        assert status(Authorization=nobody) == 401
    ended = own.town.token(TokenScope.READ, expires_at_ns=own.town.clock() + HOUR)
    assert status(Authorization=f"Bearer {ended}") == 200
    own.town.clock.now += HOUR
    assert status(Authorization=f"Bearer {ended}") == 401
    assert status(Origin="http://evil.example") == 403
    assert status(Origin=ORIGIN) == 200


def test_a_session_asks_from_our_own_pages(own: Asking) -> None:
    browser = own.town.signed_in("bob")
    sent = {"Content-Type": "application/json"}
    asked = {"context": JOB}
    for headers, status in (
        ({"Origin": ORIGIN}, 200),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, 403),
        ({}, 403),
    ):
        assert browser.post(ONE_FLAG, json=asked, headers={**sent, **headers}).status_code == status


def test_with_the_store_unreadable_tokens_cannot_be_checked(own: Asking) -> None:
    with closing(sqlite3.connect(own.town.home.store)) as database:
        database.execute("DROP TABLE token")
        database.commit()
    answer = own.post(ONE_FLAG, {"context": JOB})
    assert checked(ONE, answer.status_code, answer.json())["errorCode"] == "GENERAL"
    assert answer.status_code == 500


def test_nothing_is_written(own: Asking) -> None:
    before = own.town.actions()
    own.one()
    assert own.town.actions() == before
