"""The adapter against a real server on loopback: every scenario in both APIs, and what it sends."""

import socket
from collections.abc import Iterator

import pytest

from dashboard.demo.openai_stub import SCENARIOS, Behaviour, StubServer
from gates.executor.model import Completed, Failed, ModelOutcome
from gates.executor.open_model import open_model
from gates.executor.prompt import build_prompt
from gates.executor.settings import Api, Settings
from schemas.codes import ErrorCode
from tests.gates.executor.builders import KEY, spec

APIS: tuple[Api, ...] = ("chat_completions", "responses")
PROMPT = build_prompt(spec(), 0)

HTTP, REQUEST = ErrorCode.OPENAI_HTTP_ERROR, ErrorCode.OPENAI_REQUEST_FAILED
RESPONSE, MISSING = ErrorCode.OPENAI_NON_JSON_RESPONSE, ErrorCode.OPENAI_MISSING_CONTENT
CONTENT, OBJECT = ErrorCode.OPENAI_NON_JSON_CONTENT, ErrorCode.OPENAI_OUTPUT_NOT_OBJECT

# scenario -> errorCode, and whether another attempt may help
TABLE: dict[str, tuple[ErrorCode | None, bool]] = {
    "ok": (None, False),
    "slow": (REQUEST, True),
    "drip": (REQUEST, True),
    "400": (HTTP, False),
    "401": (HTTP, False),
    "403": (HTTP, False),
    "404": (HTTP, False),
    "429": (HTTP, True),
    "500": (HTTP, True),
    "503": (HTTP, True),
    "redirect": (HTTP, False),
    "html": (RESPONSE, False),
    "empty": (RESPONSE, False),
    "bad-utf8": (RESPONSE, False),
    "array": (RESPONSE, False),
    "cut-json": (RESPONSE, False),
    "gzip": (RESPONSE, False),
    "huge": (RESPONSE, False),
    "huge-error": (HTTP, True),
    "no-choices": (MISSING, False),
    "null-content": (MISSING, False),
    "blank-content": (MISSING, False),
    "refusal": (MISSING, False),
    "length": (MISSING, False),
    "prose": (CONTENT, False),
    "fenced": (CONTENT, False),
    "nan": (CONTENT, False),
    "non-object": (OBJECT, False),
    "truncated": (REQUEST, True),
    "reset": (REQUEST, True),
    "echo-content": (MISSING, False),
    "echo-error": (HTTP, False),
    "echo-body": (MISSING, False),
    "echo-finish": (MISSING, False),
}


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    with StubServer() as running:
        yield running


def ask(base_url: str, settings: Settings, key: str = KEY) -> ModelOutcome:
    model = open_model(key, base_url, settings)
    assert not isinstance(model, Failed)
    return model.complete(PROMPT)


def test_every_scenario_is_in_the_table() -> None:
    assert TABLE.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("scenario", TABLE)
def test_outcome(server: StubServer, scenario: str, api: Api) -> None:
    server.behave(Behaviour(scenarios={scenario: 1.0}))
    before = len(server.received)
    timeout = 0.5 if scenario in ("slow", "drip") else 20
    outcome = ask(server.base_url, Settings(api=api, timeout_seconds=timeout))
    error_code, retryable = TABLE[scenario]
    assert len(server.received) == before + 1, "one request: no hidden retry, no redirect followed"
    assert KEY not in repr(outcome)
    if error_code is None:
        assert isinstance(outcome, Completed)
        assert list(outcome.output) == ["content"]
    else:
        assert isinstance(outcome, Failed)
        assert (outcome.error_code, outcome.retryable) == (error_code, retryable), outcome.reason


def test_the_key_is_masked_where_the_server_echoes_it(server: StubServer) -> None:
    long_key = "sk-" + "k" * 300
    server.behave(Behaviour(scenarios={"echo-error": 1.0}))
    assert ask(server.base_url, Settings(), long_key).facts.request_id == "[api key]"
    server.behave(Behaviour(scenarios={"echo-finish": 1.0}))
    assert ask(server.base_url, Settings(), long_key).facts.finish_reason == "[api key]"


def test_a_short_placeholder_key_may_stand_in_a_lesson(server: StubServer) -> None:
    server.behave(Behaviour(scenarios={"echo-content": 1.0}))
    outcome = ask(server.base_url, Settings(), "test-key")
    assert isinstance(outcome, Completed)
    assert outcome.output == {"content": "your key is test-key"}


def test_the_server_tells_when_to_come_back(server: StubServer) -> None:
    server.behave(Behaviour(scenarios={"429": 1.0}))
    outcome = ask(server.base_url, Settings())
    assert isinstance(outcome, Failed)
    assert outcome.retry_after_s == 1.0


def test_a_drip_is_bounded_by_the_wall_clock(server: StubServer) -> None:
    # Bytes come faster than any timeout of a single read, and the whole reply would take minutes:
    # longer than a test may run.
    server.behave(Behaviour(scenarios={"drip": 1.0}, drip_s=0.5))
    outcome = ask(server.base_url, Settings(timeout_seconds=1.2))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "no complete answer within 1.2 s"


def test_a_server_that_accepts_and_never_answers(server: StubServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = ask(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", Settings(timeout_seconds=0.3))
    assert isinstance(outcome, Failed)
    assert outcome.error_code == REQUEST


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:1/v1",
        "https://127.0.0.1:1/v1",
        "http://no-such-host.invalid/v1",
        "not a url",
        "file:///etc/passwd",
        "http://[::1",
        "http://127.0.0.1:99999/v1",
        "ws://127.0.0.1/v1",
        "http://user:pa ss@127.0.0.1:1/\x00",
    ],
)
def test_a_base_url_that_leads_nowhere(base_url: str) -> None:
    outcome = ask(base_url, Settings(timeout_seconds=5))
    assert isinstance(outcome, Failed)
    assert outcome.error_code == REQUEST
    assert base_url not in outcome.reason


def test_what_chat_completions_is_sent(server: StubServer) -> None:
    server.behave(Behaviour())
    ask(server.base_url, Settings(model="m", temperature=0.5, top_p=0.9, max_output_tokens=77))
    request = server.received[-1]
    assert request.path == "/v1/chat/completions"
    assert request.key == KEY
    assert request.headers["accept-encoding"] == "identity"
    assert request.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": PROMPT.system},
            {"role": "user", "content": PROMPT.user},
        ],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 77,
        "response_format": {"type": "json_object"},
    }


def test_what_the_responses_api_is_sent(server: StubServer) -> None:
    server.behave(Behaviour())
    ask(server.base_url, Settings(api="responses"))
    request = server.received[-1]
    assert request.path == "/v1/responses"
    assert request.body == {
        "model": "gpt-4.1",
        "instructions": PROMPT.system,
        "input": PROMPT.user,
        "temperature": 0.2,
        "top_p": 1,
        "max_output_tokens": 1200,
        "text": {"format": {"type": "json_object"}},
        "store": False,
    }


@pytest.mark.parametrize("key", [None, "", "   ", "\n", "sk-a\n", "sk-\x00b", "sk-ключ", " sk-a", "sk-a\tb"])
def test_a_key_that_cannot_be_sent_builds_no_client(key: str | None) -> None:
    model = open_model(key, "http://127.0.0.1:1", Settings())
    assert isinstance(model, Failed)
    assert model.error_code == ErrorCode.MISSING_API_KEY
    assert not model.retryable
    assert key is None or not key.strip() or key not in repr(model)


def test_no_repr_shows_the_key() -> None:
    model = open_model(KEY, "http://127.0.0.1:1", Settings())
    assert KEY not in repr(model)
    assert KEY not in repr(vars(model))
