"""Is this text a telemetry line? CONTRACTS section 4, strictly, with a stable cause when it is not.

The common case, plain ASCII without escapes, is decoded by msgspec; all else by the slow reading below,
which is the definition. Both agree with `schemas.check.parse` on `slot-generation-telemetry.v1` and `.v2`:
tests hold that on generated and mutated lines.
"""

import json
import re
from math import isfinite
from typing import Any

import msgspec

from ingest.contract.key_checks import CHECKS_V1, CHECKS_V2, MAY_BE_ABSENT, Refused, quoted
from ingest.contract.outcomes import Cause
from ingest.contract.valid_lines import UsageV2, Valid, ValidV2
from schemas.instant import is_date_time

__all__ = [
    "DEPTH_LIMIT",
    "Invalid",
    "Valid",
    "ValidLine",
    "ValidV2",
    "depth",
    "valid_or_none",
    "validate",
    "validate_closely",
]

DEPTH_LIMIT = 64

ValidLine = Valid | ValidV2


class Invalid(msgspec.Struct, frozen=True, gc=False):
    """The first thing wrong: with the JSON, then with keys, then with values in the contract's order."""

    cause: Cause
    detail: str


def validate(raw: bytes) -> ValidLine | Invalid:
    """Read one JSON text as a telemetry line. Never raises."""
    return valid_or_none(raw) or validate_closely(raw)


_DECODE = msgspec.json.Decoder(Valid).decode
_DECODE_V2 = msgspec.json.Decoder(ValidV2).decode
_NULL_CODE = b'"errorCode":null'


def valid_or_none(raw: bytes) -> ValidLine | None:
    """The fast answer: the line for most valid lines, None for "look closer".

    msgspec lets duplicate keys pass. Every quote that is not escaped delimits a key or a string value, so
    their number tells whether there are more keys than fields. An escaped backslash before a quote would
    upset the count, and surrogates are for the slow reading.
    """
    if not raw.startswith(b"{") or b"\\\\" in raw or b"\\ud" in raw or b"\\uD" in raw:
        return None
    try:
        line = _DECODE(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _v2_or_none(raw) if b'"v2"' in raw else None
    if not line.job_id or not line.executor_version or line.latency_ms < 0:
        return None
    quotes = _quotes(raw)
    if line.error_code is None:
        # 6 keys and 5 strings; or 7 keys and 5 strings, if the seventh key is the null errorCode.
        return line if quotes == 22 or (quotes == 24 and _NULL_CODE in raw) else None
    return line if quotes == 26 and line.error_code else None


def _v2_or_none(raw: bytes) -> ValidV2 | None:
    """The same for v2: 15 keys, of which 6 hold strings, and what may be there or not."""
    try:
        line = _DECODE_V2(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not line.job_id or not line.executor_version or line.latency_ms < 0:
        return None
    optional = (line.error_code, line.gate, line.rule_id, line.model, line.request_id)
    if "" in optional or not is_date_time(line.emitted_at):
        return None
    has_code = line.error_code is not None or _NULL_CODE in raw
    keys = 15 + has_code + (3 if line.usage is not None else 0)
    strings = 6 + sum(text is not None for text in optional)
    return line if _quotes(raw) == 2 * (keys + strings) else None


def _quotes(raw: bytes) -> int:
    """How many quotes are not escaped, where no backslash is."""
    return raw.count(b'"') - raw.count(b'\\"')


def validate_closely(raw: bytes) -> ValidLine | Invalid:
    """As `validate`, for a text of which `valid_or_none` said nothing. Never raises."""
    try:
        return _fields(_document(raw))
    except Refused as refused:
        return Invalid(refused.cause, refused.detail)


def _document(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(Cause.INVALID_UTF8, f"not valid UTF-8 at byte {error.start}") from None
    if depth(raw) > DEPTH_LIMIT:
        raise Refused(Cause.NESTED_TOO_DEEPLY, f"nested more than {DEPTH_LIMIT} levels deep")
    try:
        document = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise Refused(
            Cause.MALFORMED_JSON, f"not JSON at character {error.pos}: {error.msg.lower()}"
        ) from None
    except UnicodeEncodeError:
        raise Refused(Cause.LONE_SURROGATE, "a string holds half of a surrogate pair") from None
    if not isinstance(document, dict):
        raise Refused(Cause.WRONG_TYPE, "the text is JSON, but not an object")
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
                raise Refused(Cause.DUPLICATE_KEY, f"key {quoted(key)} stands twice")
            seen.add(key)
    return document


def _float(literal: str) -> float:
    value = float(literal)
    if not isfinite(value):
        raise Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {quoted(literal)} is out of range")
    return value


def _int(literal: str) -> int:
    # Beyond 310 characters no double can hold it; Python's own bound on digits is an environment setting.
    if len(literal) > 310:
        raise Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {quoted(literal)} is out of range")
    return int(literal)


def _constant(literal: str) -> Any:
    raise Refused(Cause.NOT_FINITE, f"`{literal}` is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_float=_float, parse_int=_int, parse_constant=_constant
)


def _fields(document: dict[str, Any]) -> ValidLine:
    checks = CHECKS_V2 if document.get("version") == "v2" else CHECKS_V1
    for key in document:
        if key not in checks:
            raise Refused(Cause.UNKNOWN_KEY, f"key {quoted(key)} is not in the contract")
    for key in checks:
        if key not in document and key not in MAY_BE_ABSENT:
            raise Refused(Cause.MISSING_KEY, f"key `{key}` is missing")
    for key, check in checks.items():
        if key in document:
            check(key, document[key])
    shared: dict[str, Any] = {
        "version": document["version"],
        "executor_version": document["executorVersion"],
        "job_id": document["jobId"],
        "path": document["path"],
        "status": document["status"],
        "latency_ms": float(document["latencyMs"]),
        "error_code": document.get("errorCode"),
    }
    if checks is CHECKS_V1:
        return Valid(**shared)
    revision, usage = document["controlsRevision"], document["usage"]
    return ValidV2(
        **shared,
        emitted_at=document["emittedAt"],
        controls_revision=None if revision is None else int(revision),
        gate=document["gate"],
        rule_id=document["ruleId"],
        bucket=int(document["bucket"]),
        attempt=int(document["attempt"]),
        model=document["model"],
        usage=None
        if usage is None
        else UsageV2(
            input_tokens=int(usage["inputTokens"]),
            output_tokens=int(usage["outputTokens"]),
            total_tokens=int(usage["totalTokens"]),
        ),
        request_id=document["requestId"],
    )
