"""Answers in the words of OFREP 0.3."""

from hashlib import sha256
from typing import Any, assert_never

from starlette.responses import JSONResponse, Response

from dashboard.api.ofrep.question import PARSE_ERROR, Unparsable
from dashboard.api.problem import NO_STORE, Refused, problem
from gates.flag import KEY, Resolution, Unusable

_UNKNOWN_TO_OFREP = "GENERAL"
_LONGEST_KEY = 100


def evaluated(found: Resolution | Unusable | Unparsable) -> Response:
    """The answer for one flag: 200 with its value, or 400."""
    if isinstance(found, Resolution):
        return JSONResponse(success(found), headers=NO_STORE)
    return JSONResponse({"key": KEY, **_failure(found)}, 400, NO_STORE)


def success(found: Resolution) -> dict[str, Any]:
    """`evaluationSuccess` of the protocol."""
    return {
        "key": KEY,
        "value": found.value,
        "reason": found.reason,
        "variant": found.variant,
        "metadata": dict(found.metadata),
    }


def bulk(found: Resolution | Unusable | Unparsable, seen: str) -> Response:
    """The answer for all flags: 200, 304 where the caller has it by `seen`, its `If-None-Match`, or 400."""
    if not isinstance(found, Resolution):
        return JSONResponse(_failure(found), 400, NO_STORE)
    response = JSONResponse({"flags": [success(found)]}, headers=NO_STORE)
    # The whole answer, so that whatever may differ in it makes another tag.
    tag = f'"{sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    if tag in _tags(seen):
        return Response(status_code=304, headers={**NO_STORE, "ETag": tag})
    return response


def no_such_flag(key: str) -> Response:
    """404 FLAG_NOT_FOUND."""
    words = f"there is no flag `{key[:_LONGEST_KEY]}`; ask for `{KEY}`"
    body = {"key": key[:_LONGEST_KEY], "errorCode": "FLAG_NOT_FOUND", "errorDetails": words}
    return JSONResponse(body, 404, NO_STORE)


def refused(why: Refused) -> Response:
    """401 and 403 as everywhere else, for which the protocol wants no body; all else is its 500."""
    if why.status in (401, 403):
        return problem(why)
    body = {"key": KEY, "errorCode": _UNKNOWN_TO_OFREP, "errorDetails": why.detail}
    return JSONResponse(body, 500, NO_STORE)


def _failure(found: Unusable | Unparsable) -> dict[str, str]:
    match found:
        case Unusable():
            return {"errorCode": found.fault.value, "errorDetails": found.words}
        case Unparsable():
            return {"errorCode": PARSE_ERROR, "errorDetails": found.words}
        case _:
            assert_never(found)


def _tags(seen: str) -> list[str]:
    """The tags of an `If-None-Match` header; compared weakly (RFC 9110, section 13.1.2)."""
    return [tag.strip().removeprefix("W/") for tag in seen.split(",")]
