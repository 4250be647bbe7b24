"""What the stub server can do to its caller: each scenario turns a request into steps. Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dashboard.demo.openai_stub.received import Received
from dashboard.demo.openai_stub.replies import as_json, content, error, http, without_content


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes; with `drip`, one at a time with a pause after each."""

    data: bytes
    drip: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Wait for longer than any caller does."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection off with a TCP reset."""


@dataclass(frozen=True, slots=True)
class Flood:
    """Write this many bytes of blanks, after `Send` promised them."""

    size: int


Step = Send | Stall | Reset | Flood
Scenario = Callable[[Received], tuple[Step, ...]]

HUGE = 64 << 20


def _ok_body(request: Received) -> bytes:
    lesson = f"Stub text {request.number}: plants turn light, water and carbon dioxide into sugar and oxygen."
    return content(request, json.dumps({request.output_field: lesson}))


def _ok(request: Received) -> tuple[Step, ...]:
    return (Send(http(200, _ok_body(request))),)


def _slow(request: Received) -> tuple[Step, ...]:
    return (Stall(), *_ok(request))


def _drip(request: Received) -> tuple[Step, ...]:
    return (Send(http(200, _ok_body(request)), drip=True),)


def _status(status: int, message: str, kind: str, _request: Received, **extra: str) -> tuple[Step, ...]:
    return (Send(error(status, message, kind, **extra)),)


def _body(status: int, body: bytes, content_type: str, _request: Received) -> tuple[Step, ...]:
    return (Send(http(status, body, content_type)),)


def _content(
    text: str | None, request: Received, finish: str = "stop", refusal: str | None = None
) -> tuple[Step, ...]:
    return (Send(http(200, content(request, text, finish=finish, refusal=refusal))),)


def _no_choices(request: Received) -> tuple[Step, ...]:
    return (Send(http(200, without_content(request))),)


def _truncated(request: Received) -> tuple[Step, ...]:
    body = _ok_body(request)
    return (Send(http(200, body[: len(body) // 2], length=len(body))),)


def _cut_json(request: Received) -> tuple[Step, ...]:
    body = _ok_body(request)
    return (Send(http(200, body[: len(body) // 2])),)


def _reset(_request: Received) -> tuple[Step, ...]:
    return (Reset(),)


def _redirect(request: Received) -> tuple[Step, ...]:
    return (Send(http(307, b"", Location=f"{request.path}?again")),)


def _huge(status: int, _request: Received) -> tuple[Step, ...]:
    return (Send(http(status, b"", length=HUGE)), Flood(HUGE))


def _echo_content(request: Received) -> tuple[Step, ...]:
    return _content(json.dumps({request.output_field: f"your key is {request.key}"}), request)


def _echo_everywhere(status: int, request: Received) -> tuple[Step, ...]:
    body = as_json({"error": {"message": f"Incorrect API key provided: {request.key}", "type": request.key}})
    return (Send(http(status, body, x_request_id=request.key, X_Echo=request.key)),)


def _echo_finish(request: Received) -> tuple[Step, ...]:
    return _content(None, request, finish=request.key)


SCENARIOS: dict[str, Scenario] = {
    "ok": _ok,
    "slow": _slow,
    "drip": _drip,
    "400": partial(_status, 400, "bad request", "invalid_request_error"),
    "401": partial(_status, 401, "incorrect API key", "invalid_request_error"),
    "403": partial(_status, 403, "not in this region", "permission_error"),
    "404": partial(_status, 404, "no such model", "invalid_request_error"),
    "429": partial(_status, 429, "slow down", "rate_limit_error", Retry_After="1"),
    "500": partial(_status, 500, "upstream exploded", "server_error"),
    "503": partial(_status, 503, "overloaded", "server_error"),
    "redirect": _redirect,
    "html": partial(_body, 200, b"<html><body>gateway login</body></html>", "text/html"),
    "empty": partial(_body, 200, b"", "application/json"),
    "bad-utf8": partial(_body, 200, b'{"choices":[{"message":{"content":"\xff\xfe"}}]}', "application/json"),
    "array": partial(_body, 200, b"[]", "application/json"),
    "cut-json": _cut_json,
    "gzip": partial(_body, 200, b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "application/json"),
    "huge": partial(_huge, 200),
    "huge-error": partial(_huge, 500),
    "no-choices": _no_choices,
    "null-content": partial(_content, None),
    "blank-content": partial(_content, " \n"),
    "refusal": partial(_content, None, refusal="I cannot help with that."),
    "length": partial(_content, '{"content":"cut off in the mid', finish="length"),
    "prose": partial(_content, "Here is your lesson: plants are green."),
    "fenced": partial(_content, 'Here is your JSON:\n```json\n{"content":"text"}\n```'),
    "nan": partial(_content, '{"content":NaN}'),
    "non-object": partial(_content, '["a","b"]'),
    "truncated": _truncated,
    "reset": _reset,
    "echo-content": _echo_content,
    "echo-error": partial(_echo_everywhere, 401),
    "echo-body": partial(_echo_everywhere, 200),
    "echo-finish": _echo_finish,
}
