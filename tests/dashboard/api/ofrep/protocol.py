"""Answers as the OpenAPI document of OFREP 0.3.0 describes them, as JSON Schema."""

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string"}
METADATA = {"type": "object", "additionalProperties": {"type": ["boolean", "string", "number"]}}
SUCCESS: dict[str, Any] = {
    "type": "object",
    "required": ["key", "reason", "value"],
    "properties": {
        "key": TEXT,
        "value": {"type": "boolean"},
        "reason": {"enum": ["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"]},
        "variant": TEXT,
        "metadata": METADATA,
    },
    "additionalProperties": False,
}
_CODES = ["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]


def _failure(required: list[str], codes: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [*required, "errorCode", "errorDetails"],  # the SDK of Python wants details
        "properties": {"key": TEXT, "errorCode": {"enum": codes}, "errorDetails": TEXT},
        "additionalProperties": False,
    }


FAILURE = _failure(["key"], _CODES)
NOT_FOUND = _failure(["key"], ["FLAG_NOT_FOUND"])
BULK_FAILURE = _failure([], _CODES)
BULK = {
    "type": "object",
    "required": ["flags"],
    "properties": {"flags": {"type": "array", "items": {"oneOf": [SUCCESS, FAILURE]}}},
    "additionalProperties": False,
}
ONE = {200: SUCCESS, 400: FAILURE, 404: NOT_FOUND, 500: FAILURE}
ALL = {200: BULK, 400: BULK_FAILURE, 500: BULK_FAILURE}


def checked(answers: dict[int, dict[str, Any]], status: int, body: Any) -> Any:
    """`body`, which is what the protocol says for `status`."""
    Draft202012Validator(answers[status]).validate(body)
    return body
