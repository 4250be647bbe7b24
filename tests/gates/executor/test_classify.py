"""Bodies that the stub server does not send: both APIs' shapes, bent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.executor.classify import Reply, classify, is_transient
from gates.executor.model import Completed, Failed, ModelOutcome
from gates.executor.settings import Api
from schemas.codes import OPENAI_CODES


def body(api: Api, document: Any) -> ModelOutcome:
    return classify(api, Reply(status=200, body=json.dumps(document).encode()))


def chat(**choice: Any) -> Any:
    return {"choices": [choice]}


def code(outcome: ModelOutcome) -> str | None:
    return outcome.error_code if isinstance(outcome, Failed) else None


CHAT: list[tuple[Any, str | None]] = [
    (chat(message={"content": "{}"}), None),
    (chat(message={"content": " {}\n"}, finish_reason=None), None),
    (chat(message={"content": "{}"}, finish_reason="content_filter"), "OPENAI_MISSING_CONTENT"),
    (chat(message={"content": "{}", "refusal": "no"}), "OPENAI_MISSING_CONTENT"),
    (chat(message={"content": "{}", "refusal": ""}), None),
    (chat(message={"content": [{"type": "text", "text": "{}"}]}), "OPENAI_MISSING_CONTENT"),
    (chat(message={"content": 5}), "OPENAI_MISSING_CONTENT"),
    (chat(message=None), "OPENAI_MISSING_CONTENT"),
    (chat(), "OPENAI_MISSING_CONTENT"),
    ({"choices": [None]}, "OPENAI_MISSING_CONTENT"),
    ({"choices": {}}, "OPENAI_MISSING_CONTENT"),
    ({"error": {"message": "no"}}, "OPENAI_MISSING_CONTENT"),
    ({}, "OPENAI_MISSING_CONTENT"),
    (chat(message={"content": '{"a":1,"a":2}'}), "OPENAI_NON_JSON_CONTENT"),
    (chat(message={"content": "[" * 9_999}), "OPENAI_NON_JSON_CONTENT"),
    (chat(message={"content": "null"}), "OPENAI_OUTPUT_NOT_OBJECT"),
    (chat(message={"content": '"{}"'}), "OPENAI_OUTPUT_NOT_OBJECT"),
    ("text", "OPENAI_NON_JSON_RESPONSE"),
    (None, "OPENAI_NON_JSON_RESPONSE"),
    (True, "OPENAI_NON_JSON_RESPONSE"),
]


@pytest.mark.parametrize(("document", "expected"), CHAT)
def test_chat_completions(document: Any, expected: str | None) -> None:
    assert code(body("chat_completions", document)) == expected


def message(*parts: Any) -> Any:
    return {"type": "message", "content": list(parts)}


def text(value: Any) -> Any:
    return {"type": "output_text", "text": value}


RESPONSES: list[tuple[Any, str | None]] = [
    ({"output": [message(text("{}"))]}, None),
    (
        {
            "output": [{"type": "reasoning"}, message(text('{"a":')), message(text("1}"))],
            "status": "completed",
        },
        None,
    ),
    ({"output": [message(text("{}"))], "status": "failed"}, "OPENAI_MISSING_CONTENT"),
    ({"output": [message(text("{}"))], "status": "queued"}, "OPENAI_MISSING_CONTENT"),
    ({"output": [message(text("{}"), {"type": "refusal", "refusal": "no"})]}, "OPENAI_MISSING_CONTENT"),
    ({"output": [message(text(None))]}, "OPENAI_MISSING_CONTENT"),
    ({"output": [message("x")]}, "OPENAI_MISSING_CONTENT"),
    ({"output": [{"type": "message", "content": "x"}]}, "OPENAI_MISSING_CONTENT"),
    ({"output": [{"type": "reasoning"}]}, "OPENAI_MISSING_CONTENT"),
    ({"output": None}, "OPENAI_MISSING_CONTENT"),
    ({"output": [message(text("7"))]}, "OPENAI_OUTPUT_NOT_OBJECT"),
]


@pytest.mark.parametrize(("document", "expected"), RESPONSES)
def test_responses(document: Any, expected: str | None) -> None:
    assert code(body("responses", document)) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "output", "type", "text", "status", "refusal"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(
    document=JSON | st.binary(max_size=40),
    status=st.integers(200, 599),
    api=st.sampled_from(["chat_completions", "responses"]),
)
def test_every_reply_has_an_outcome(document: Any, status: int, api: Api) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    outcome = classify(api, Reply(status=status, body=data))
    if isinstance(outcome, Completed):
        assert status < 300
        assert isinstance(outcome.output, dict)
    else:
        assert outcome.error_code in OPENAI_CODES
        assert (outcome.error_code == "OPENAI_HTTP_ERROR") == (status >= 300)


@pytest.mark.parametrize(
    ("status", "transient"),
    [
        (300, False),
        (400, False),
        (401, False),
        (403, False),
        (404, False),
        (408, True),
        (422, False),
        (429, True),
    ]
    + [(status, True) for status in (500, 502, 503, 504, 529)],
)
def test_which_statuses_are_worth_another_attempt(status: int, transient: bool) -> None:
    assert is_transient(status) is transient
