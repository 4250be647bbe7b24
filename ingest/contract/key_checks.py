"""What each key of a telemetry line may hold, and the stable cause where it holds something else."""

import json
from collections.abc import Callable
from typing import Any

from gates.decision import Gate
from gates.decision.bucket import BUCKETS
from ingest.contract.masking import masked_text
from ingest.contract.outcomes import Cause
from schemas.instant import is_date_time

Check = Callable[[str, Any], None]
TOKENS = ("inputTokens", "outputTokens", "totalTokens")
# As in `schemas.telemetry_v2`, whose models cost too much to import here; a test holds them together.
MOST_TOKENS = 10**12
MOST_ATTEMPTS = 1_000_000
LAST_REVISION = 2**53 - 1
_EXCERPT = 80


class Refused(Exception):
    """`cause` is stable; `detail` says it in words, with what looks like a key masked."""

    def __init__(self, cause: Cause, detail: str) -> None:
        self.cause = cause
        self.detail = masked_text(detail)


def quoted(value: object) -> str:
    """A value as it may stand in a detail: cut, and printable."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = text[:_EXCERPT]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    return f"`{shown}{'…' if len(text) > _EXCERPT else ''}`"


def _text(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not a string")
    if not value:
        raise Refused(Cause.EMPTY_STRING, f"`{key}` is empty")


def _text_or_null(key: str, value: Any) -> None:
    if value is not None:
        _text(key, value)


def _one_of(cause: Cause, *allowed: str) -> Check:
    def check(key: str, value: Any) -> None:
        if not isinstance(value, str):
            raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not a string")
        if value not in allowed:
            raise Refused(cause, f"`{key}` is {quoted(value)}, not one of {', '.join(allowed)}")

    return check


def _latency(key: str, value: Any) -> None:
    if isinstance(value, bool):
        raise Refused(Cause.BOOL_AS_NUMBER, f"`{key}` is `{str(value).lower()}`, not a number")
    if not isinstance(value, int | float):
        raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not a number")
    try:
        number = float(value)
    except OverflowError:
        raise Refused(Cause.NUMBER_OUT_OF_RANGE, f"number {quoted(value)} is out of range") from None
    if number < 0:
        raise Refused(Cause.NEGATIVE_LATENCY, f"`{key}` is {quoted(value)}, below 0")


def _time(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not a string")
    if not is_date_time(value):
        raise Refused(Cause.NOT_A_TIME, f"`{key}` is {quoted(value)}, not an RFC 3339 time")


def _or_null(check: Check) -> Check:
    def checked(key: str, value: Any) -> None:
        if value is not None:
            check(key, value)

    return checked


def _whole(most: int) -> Check:
    def check(key: str, value: Any) -> None:
        if isinstance(value, bool):
            raise Refused(Cause.BOOL_AS_NUMBER, f"`{key}` is `{str(value).lower()}`, not a number")
        if not isinstance(value, int) and not (isinstance(value, float) and value.is_integer()):
            raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not a whole number")
        if not 0 <= value <= most:
            raise Refused(Cause.NUMBER_OUT_OF_RANGE, f"`{key}` is {quoted(value)}, not from 0 to {most}")

    return check


def _usage(key: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Refused(Cause.WRONG_TYPE, f"`{key}` is {quoted(value)}, not an object")
    for name in value:
        if name not in TOKENS:
            raise Refused(Cause.UNKNOWN_KEY, f"key {quoted(name)} of `{key}` is not in the contract")
    for name in TOKENS:
        if name not in value:
            raise Refused(Cause.MISSING_KEY, f"key `{name}` of `{key}` is missing")
        _whole(MOST_TOKENS)(f"{key}.{name}", value[name])


_SHARED: dict[str, Check] = {
    "executorVersion": _text,
    "jobId": _text,
    "path": _one_of(Cause.UNKNOWN_PATH, "stub", "openai"),
    "status": _one_of(Cause.UNKNOWN_STATUS, "STUB", "COMPLETED", "FAILED"),
    "latencyMs": _latency,
    "errorCode": _text_or_null,
}

CHECKS_V1: dict[str, Check] = {"version": _one_of(Cause.UNKNOWN_VERSION, "v1", "v2"), **_SHARED}
"""Every key of `slot-generation-telemetry.v1`, in the contract's order. A check raises `Refused`."""

CHECKS_V2: dict[str, Check] = {
    **CHECKS_V1,
    "emittedAt": _time,
    "controlsRevision": _or_null(_whole(LAST_REVISION)),
    "gate": _or_null(_one_of(Cause.UNKNOWN_GATE, *Gate)),
    "ruleId": _text_or_null,
    "bucket": _whole(BUCKETS - 1),
    "attempt": _whole(MOST_ATTEMPTS),
    "model": _text_or_null,
    "usage": _or_null(_usage),
    "requestId": _text_or_null,
}
"""Every key of `slot-generation-telemetry.v2`."""

MAY_BE_ABSENT = frozenset({"errorCode"})
