"""What every model client promises, asked of the real one and of the fake alike."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.demo.openai_stub import Behaviour, StubServer
from gates.executor.fake import ScriptedModel
from gates.executor.model import Completed, Failed, ModelClient
from gates.executor.open_model import open_model
from gates.executor.prompt import build_prompt
from gates.executor.settings import Settings
from schemas.codes import ErrorCode
from tests.gates.executor.builders import KEY, spec

PROMPT = build_prompt(spec(), 0)


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    with StubServer() as running:
        yield running


@pytest.fixture(params=["openai", "fake"])
def answering(request: pytest.FixtureRequest, server: StubServer) -> ModelClient:
    """A client whose model answers every time."""
    if request.param == "fake":
        return ScriptedModel(Completed(output={"content": "text"}) for _ in range(100))
    server.behave(Behaviour())
    return opened(server)


@pytest.fixture(params=["openai", "fake"])
def failing(request: pytest.FixtureRequest, server: StubServer) -> ModelClient:
    """A client whose server is out of order."""
    if request.param == "fake":
        broken = Failed(error_code=ErrorCode.OPENAI_HTTP_ERROR, reason="500", retryable=True)
        return ScriptedModel(broken for _ in range(100))
    server.behave(Behaviour(scenarios={"500": 1.0}))
    return opened(server)


def opened(server: StubServer) -> ModelClient:
    model = open_model(KEY, server.base_url, Settings())
    assert not isinstance(model, Failed)
    return model


def test_an_answer_is_a_value_each_time(answering: ModelClient) -> None:
    for _ in range(3):
        outcome = answering.complete(PROMPT)
        assert isinstance(outcome, Completed)
        assert list(outcome.output) == ["content"]


def test_a_failure_is_a_value_too(failing: ModelClient) -> None:
    for _ in range(3):
        outcome = failing.complete(PROMPT)
        assert isinstance(outcome, Failed)
        assert (outcome.error_code, outcome.retryable) == (ErrorCode.OPENAI_HTTP_ERROR, True)
        assert outcome.reason


def test_threads_may_share_a_client(answering: ModelClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: answering.complete(PROMPT), range(8)))
    assert all(isinstance(outcome, Completed) for outcome in outcomes)
