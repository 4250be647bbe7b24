"""The closed vocabulary of telemetry, and which combinations of it can be true.

No pydantic here: the decision and the executor use these words in every run.
"""

from enum import StrEnum


class Path(StrEnum):
    """Which way the job went: a safe stub, or the model."""

    STUB = "stub"
    OPENAI = "openai"


class Status(StrEnum):
    """How the run ended."""

    STUB = "STUB"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class ErrorCode(StrEnum):
    """The known values of `errorCode`; the contract allows others, and they are shown as unknown."""

    KILL_SWITCH = "KILL_SWITCH"
    NOT_ALLOWLISTED = "NOT_ALLOWLISTED"
    ROLLOUT_EXCLUDED = "ROLLOUT_EXCLUDED"
    MISSING_API_KEY = "MISSING_API_KEY"
    OPENAI_HTTP_ERROR = "OPENAI_HTTP_ERROR"
    OPENAI_REQUEST_FAILED = "OPENAI_REQUEST_FAILED"
    OPENAI_NON_JSON_RESPONSE = "OPENAI_NON_JSON_RESPONSE"
    OPENAI_MISSING_CONTENT = "OPENAI_MISSING_CONTENT"
    OPENAI_NON_JSON_CONTENT = "OPENAI_NON_JSON_CONTENT"
    OPENAI_OUTPUT_NOT_OBJECT = "OPENAI_OUTPUT_NOT_OBJECT"


STUB_CODES = frozenset({ErrorCode.KILL_SWITCH, ErrorCode.NOT_ALLOWLISTED, ErrorCode.ROLLOUT_EXCLUDED})
OPENAI_CODES = frozenset(ErrorCode) - STUB_CODES


def contradiction(path: str, status: str, error_code: str | None) -> str | None:
    """Say why a schema-valid line cannot be true, or None when it can.

    The possible combinations are CONTRACTS section 4: a stub says STUB with a stub code or null;
    openai says COMPLETED with null, or FAILED with a code that is not a stub's. A code we do not
    know is unexpected, not impossible.
    """
    if path == Path.STUB:
        if status != Status.STUB:
            return f"path stub with status {status}"
        if error_code in OPENAI_CODES:
            return f"path stub with errorCode {error_code}"
        return None
    if status == Status.STUB:
        return "path openai with status STUB"
    if status == Status.COMPLETED:
        return None if error_code is None else f"status COMPLETED with errorCode {error_code}"
    if error_code is None:
        return "status FAILED without errorCode"
    return f"path openai with errorCode {error_code}" if error_code in STUB_CODES else None
