"""What came over the wire -> how the call ended. The one place that knows the errorCodes of a call.

The order of the tests is the order of DESIGN section 9; the first that applies decides. The SDK is
not asked to parse: on odd 200 replies it returns strings and lists, or lets bare exceptions out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from gates.executor.model import Completed, Failed, ModelOutcome, Usage, WireFacts
from gates.executor.settings import Api
from schemas import strict_json
from schemas.codes import ErrorCode
from schemas.errors import InvalidJson

MAX_BODY_BYTES = 8 << 20
MOST_TOKENS = 10**12
"""As in `schemas.telemetry_v2`, which costs too much to import here; a test holds them together."""
_CUT_SHORT = frozenset({"length", "content_filter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response: its status, its first `MAX_BODY_BYTES` + 1 bytes, and two headers."""

    status: int
    body: bytes
    request_id: str | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """No complete response came; `reason` is in our words."""

    reason: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class _Content:
    text: str
    finish_reason: str | None


@dataclass(frozen=True, slots=True)
class _NoContent:
    reason: str
    finish_reason: str | None = None


def classify(api: Api, wire: Reply | NoReply) -> ModelOutcome:
    """Total: every reply and every lack of one has an outcome."""
    match wire:
        case NoReply():
            return Failed(
                error_code=ErrorCode.OPENAI_REQUEST_FAILED, reason=wire.reason, retryable=wire.retryable
            )
        case Reply():
            return _of_reply(api, wire)
        case _:
            assert_never(wire)


def is_transient(status: int) -> bool:
    """Whether the same request can end differently: timeouts, conflicts of load, faults of the server."""
    return status in (408, 429) or status >= 500


def _of_reply(api: Api, reply: Reply) -> ModelOutcome:
    facts = WireFacts(http_status=reply.status, request_id=reply.request_id)
    if reply.status >= 300:
        return Failed(
            error_code=ErrorCode.OPENAI_HTTP_ERROR,
            reason=f"the server answered {reply.status}",
            retryable=is_transient(reply.status),
            retry_after_s=reply.retry_after_s,
            facts=facts,
        )
    if len(reply.body) > MAX_BODY_BYTES:
        return Failed(
            error_code=ErrorCode.OPENAI_NON_JSON_RESPONSE,
            reason=f"the body is larger than {MAX_BODY_BYTES >> 20} MiB",
            facts=facts,
        )
    try:
        envelope = strict_json.loads(reply.body)
    except InvalidJson:
        return _failed(ErrorCode.OPENAI_NON_JSON_RESPONSE, "the body is not JSON", facts)
    if not isinstance(envelope, dict):
        return _failed(ErrorCode.OPENAI_NON_JSON_RESPONSE, "the body is not a JSON object", facts)
    content = _CONTENT_OF[api](envelope)
    facts = replace(facts, finish_reason=content.finish_reason, usage=_usage(api, envelope.get("usage")))
    if isinstance(content, _NoContent):
        return _failed(ErrorCode.OPENAI_MISSING_CONTENT, content.reason, facts)
    return _of_content(content.text, facts)


def _of_content(text: str, facts: WireFacts) -> ModelOutcome:
    try:
        output = strict_json.loads(text)
    except InvalidJson:
        return _failed(ErrorCode.OPENAI_NON_JSON_CONTENT, "the content is not JSON", facts)
    if not isinstance(output, dict):
        return _failed(ErrorCode.OPENAI_OUTPUT_NOT_OBJECT, "the content is JSON but not an object", facts)
    return Completed(output=output, facts=facts)


def _chat_content(envelope: Mapping[str, Any]) -> _Content | _NoContent:
    choices = envelope.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return _NoContent("the reply has no choices")
    finish = _text(choice.get("finish_reason"))
    message = choice.get("message")
    if not isinstance(message, dict):
        return _NoContent("the choice has no message", finish)
    if finish in _CUT_SHORT:
        return _NoContent("the content is incomplete", finish)
    if message.get("refusal"):
        return _NoContent("the model refused", finish)
    return _checked(message.get("content"), finish)


def _responses_content(envelope: Mapping[str, Any]) -> _Content | _NoContent:
    status = _text(envelope.get("status"))
    if status not in (None, "completed"):
        return _NoContent("the response is not complete", status)
    output = envelope.get("output")
    if not isinstance(output, list) or not output:
        return _NoContent("the reply has no output", status)
    messages = [item for item in output if isinstance(item, dict) and item.get("type") == "message"]
    lists = [message["content"] for message in messages if isinstance(message.get("content"), list)]
    parts = [part for content in lists for part in content if isinstance(part, dict)]
    if any(part.get("type") == "refusal" for part in parts):
        return _NoContent("the model refused", status)
    texts = [part.get("text") for part in parts if part.get("type") == "output_text"]
    return _checked("".join(text for text in texts if isinstance(text, str)), status)


_CONTENT_OF = {"chat_completions": _chat_content, "responses": _responses_content}


_COUNTED_AS: dict[Api, tuple[str, str]] = {
    "chat_completions": ("prompt_tokens", "completion_tokens"),
    "responses": ("input_tokens", "output_tokens"),
}


def _usage(api: Api, said: object) -> Usage | None:
    """The tokens that a reply names; null where one is missing or no count."""
    if not isinstance(said, dict):
        return None
    given, made = (_count(said.get(name)) for name in _COUNTED_AS[api])
    total = _count(said.get("total_tokens"))
    if given is None or made is None or total is None:
        return None
    return Usage(input_tokens=given, output_tokens=made, total_tokens=total)


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST_TOKENS else None


def _checked(content: object, finish: str | None) -> _Content | _NoContent:
    if not isinstance(content, str) or not content.strip():
        return _NoContent("the content is missing or blank", finish)
    return _Content(content, finish)


def _failed(error_code: ErrorCode, reason: str, facts: WireFacts) -> Failed:
    return Failed(error_code=error_code, reason=reason, facts=facts)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
