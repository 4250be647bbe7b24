"""HTTP replies in the shapes of both APIs, as bytes."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from dashboard.demo.openai_stub.received import Received

_JSON = "application/json"


def http(
    status: int, body: bytes, content_type: str = _JSON, length: int | None = None, **extra: str
) -> bytes:
    """A whole reply that closes the connection; `length` overrules the true one, to lie."""
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body) if length is None else length),
        "Connection": "close",
        "x-request-id": "req_stub",
        **{name.replace("_", "-"): value for name, value in extra.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode() + body


def as_json(document: object) -> bytes:
    """Compact JSON."""
    return json.dumps(document, separators=(",", ":")).encode()


def error(status: int, message: str, kind: str, **extra: str) -> bytes:
    """An error as the API words it."""
    body = as_json({"error": {"message": message, "type": kind, "code": None}})
    return http(status, body, _JSON, None, **extra)


def content(
    request: Received, text: str | None, *, finish: str = "stop", refusal: str | None = None
) -> bytes:
    """The reply body that carries `text` as the model's content."""
    return as_json(
        _response(request, text, finish, refusal)
        if request.is_responses
        else _completion(request, text, finish, refusal)
    )


def _completion(request: Received, text: str | None, finish: str, refusal: str | None) -> Mapping[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": f"chatcmpl-stub-{request.number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": str((request.body or {}).get("model", "stub")),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }


def _response(request: Received, text: str | None, finish: str, refusal: str | None) -> Mapping[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if refusal is not None:
        part = {"type": "refusal", "refusal": refusal}
    complete = finish == "stop"
    return {
        "id": f"resp_stub_{request.number}",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed" if complete else "incomplete",
        "incomplete_details": None if complete else {"reason": "max_output_tokens"},
        "error": None,
        "model": str((request.body or {}).get("model", "stub")),
        "output": [
            {"type": "reasoning", "id": "rs_stub", "summary": []},
            {
                "type": "message",
                "id": "msg_stub",
                "role": "assistant",
                "status": "completed",
                "content": [part],
            },
        ],
    }


def without_content(request: Received) -> bytes:
    """A reply with no choices, or no output."""
    key = "output" if request.is_responses else "choices"
    return as_json(
        {"id": "stub", "object": "response" if request.is_responses else "chat.completion", key: []}
    )
