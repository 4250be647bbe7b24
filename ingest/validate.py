"""Is this text a telemetry line? CONTRACTS section 4, strictly, with a stable cause when it is not.

The common case, plain ASCII without escapes, is decoded by msgspec; all else by the slow reading below,
which is the definition. Both agree with `schemas.check.parse("slot-generation-telemetry.v1", raw)`: tests
hold that on generated and mutated lines.
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Literal

import msgspec

from ingest.masking import masked_text
from ingest.outcomes import Cause

DEPTH_LIMIT = 64
_EXCERPT = 80


class Valid(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, rename="camel"):
    """The fields of one valid telemetry line; `latency_ms` in milliseconds."""

    version: Literal["v1"]
    executor_version: str
    job_id: str
    path: Literal["stub", "openai"]
    status: Literal["STUB", "COMPLETED", "FAILED"]
    latency_ms: float
    error_code: str | None = None


class Invalid(msgspec.Struct, frozen=True, gc=False):
    """The first thing wrong: with the JSON, then with keys, then with values in the contract's order."""

    cause: Cause
    detail: str


class _Refused(Exception):
    def __init__(self, cause: Cause, detail: str) -> None:
        self.invalid = Invalid(cause, masked_text(detail))


def validate(raw: bytes) -> Valid | Invalid:
    """Read one JSON text as a telemetry line. Never raises."""
    return valid_or_none(raw) or _slowly(raw)


_DECODE = msgspec.json.Decoder(Valid).decode


def valid_or_none(raw: bytes) -> Valid | None:
    """The fast answer: `Valid` for most valid lines, None for "look closer".

    msgspec lets duplicate keys pass. Every quote that is not escaped delimits a key or a string value, so
    their number tells whether there are more keys than fields. An escaped backslash before a quote would
    upset the count, and surrogates are for the slow reading.
    """
    if not raw.startswith(b"{") or b"\\\\" in raw or b"\\ud" in raw or b"\\uD" in raw:
        return None
    try:
        line = _DECODE(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not line.job_id or not line.executor_version or line.latency_ms < 0:
        return None
    quotes = raw.count(b'"') - raw.count(b'\\"')
    if line.error_code is None:
        # 6 keys and 5 strings; or 7 keys and 5 strings, if the seventh key is the null errorCode.
        return line if quotes == 22 or (quotes == 24 and b'"errorCode":null' in raw) else None
    return line if quotes == 26 and line.error_code else None


def _slowly(raw: bytes) -> Valid | Invalid:
    try:
        return _fields(_document(raw))
    except _Refused as refused:
        return refused.invalid


def _document(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Refused(Cause.INVALID_UTF8, f"not valid UTF-8 at byte {error.start}") from None
    if depth(raw) > DEPTH_LIMIT:
        raise _Refused(Cause.NESTED_TOO_DEEPLY, f"nested more than {DEPTH_LIMIT} levels deep")
    try:
        document = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise _Refused(
            Cause.MALFORMED_JSON, f"not JSON at character {error.pos}: {error.msg.lower()}"
        ) from None
    except UnicodeEncodeError:
        raise _Refused(Cause.LONE_SURROGATE, "a string holds half of a surrogate pair") from None
    if not isinstance(document, dict):
        raise _Refused(Cause.WRONG_TYPE, "the text is JSON, but not an object")
    return document


_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|([{\[])|([}\]])', re.DOTALL)


def depth(raw: bytes) -> int:
    """How deep the brackets of a JSON text nest; exact only beyond `DEPTH_LIMIT`, else an upper bound.

    The decoder's own limit depends on its caller's stack, so it is never reached.
    """
    most = raw.count(b"{") + raw.count(b"[")
    if most <= DEPTH_LIMIT:
        return most
    level = deepest = 0
    for match in _BRACKETS.finditer(raw):
        if match.lastindex == 1:
            level += 1
            deepest = max(deepest, level)
        elif match.lastindex == 2:
            level -= 1
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(Cause.DUPLICATE_KEY, f"key {_quoted(key)} stands twice")
            seen.add(key)
    return document


def _float(literal: str) -> float:
    value = float(literal)
    if not isfinite(value):
        raise _Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {_quoted(literal)} is out of range")
    return value


def _int(literal: str) -> int:
    # Beyond 310 characters no double can hold it; Python's own bound on digits is an environment setting.
    if len(literal) > 310:
        raise _Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {_quoted(literal)} is out of range")
    return int(literal)


def _constant(literal: str) -> Any:
    raise _Refused(Cause.NOT_FINITE, f"`{literal}` is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_float=_float, parse_int=_int, parse_constant=_constant
)


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = text[:_EXCERPT]
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    return f"`{printable}{'…' if len(text) > _EXCERPT else ''}`"


def _text(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise _Refused(Cause.WRONG_TYPE, f"`{key}` is {_quoted(value)}, not a string")
    if not value:
        raise _Refused(Cause.EMPTY_STRING, f"`{key}` is empty")


def _text_or_null(key: str, value: Any) -> None:
    if value is not None:
        _text(key, value)


def _one_of(cause: Cause, *allowed: str) -> Callable[[str, Any], None]:
    def check(key: str, value: Any) -> None:
        if not isinstance(value, str):
            raise _Refused(Cause.WRONG_TYPE, f"`{key}` is {_quoted(value)}, not a string")
        if value not in allowed:
            raise _Refused(cause, f"`{key}` is {_quoted(value)}, not one of {', '.join(allowed)}")

    return check


def _latency(key: str, value: Any) -> None:
    if isinstance(value, bool):
        raise _Refused(Cause.BOOL_AS_NUMBER, f"`{key}` is `{str(value).lower()}`, not a number")
    if not isinstance(value, int | float):
        raise _Refused(Cause.WRONG_TYPE, f"`{key}` is {_quoted(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        raise _Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {_quoted(value)} is out of range") from None
    if number < 0:
        raise _Refused(Cause.NEGATIVE_LATENCY, f"`{key}` is {_quoted(value)}, below 0")


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "version": _one_of(Cause.UNKNOWN_VERSION, "v1"),
    "executorVersion": _text,
    "jobId": _text,
    "path": _one_of(Cause.UNKNOWN_PATH, "stub", "openai"),
    "status": _one_of(Cause.UNKNOWN_STATUS, "STUB", "COMPLETED", "FAILED"),
    "latencyMs": _latency,
    "errorCode": _text_or_null,
}


def _fields(document: dict[str, Any]) -> Valid:
    for key in document:
        if key not in _CHECKS:
            raise _Refused(Cause.UNKNOWN_KEY, f"key {_quoted(key)} is not in the contract")
    for key in _CHECKS:
        if key not in document and key != "errorCode":
            raise _Refused(Cause.MISSING_KEY, f"key `{key}` is missing")
    for key, check in _CHECKS.items():
        if key in document:
            check(key, document[key])
    return Valid(
        version=document["version"],
        executor_version=document["executorVersion"],
        job_id=document["jobId"],
        path=document["path"],
        status=document["status"],
        latency_ms=float(document["latencyMs"]),
        error_code=document.get("errorCode"),
    )
