"""What becomes of every line of a source: the closed set of answers that ingest stores.

`offset` is the byte offset, in the decompressed stream, of the physical line with which the logical
line began; `index` counts the records of that logical line from 0. Together they identify an outcome
within its source for ever: reading the same bytes again gives the same outcomes, at the same places.

The classes are msgspec structs: immutable and slotted like frozen dataclasses, and several times
cheaper to build. `gc=False` is sound because their fields hold no containers.
"""

from enum import StrEnum, unique

from msgspec import Struct


@unique
class Cause(StrEnum):
    """Why a telemetry-shaped text was quarantined. Values are stable: append, never rename."""

    # the text is not one JSON object that every reader understands alike
    TRUNCATED = "TRUNCATED"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    MALFORMED_JSON = "MALFORMED_JSON"
    INVALID_UTF8 = "INVALID_UTF8"
    LONE_SURROGATE = "LONE_SURROGATE"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    NOT_FINITE = "NOT_FINITE"
    NUMBER_OUT_OF_RANGE = "NUMBER_OUT_OF_RANGE"
    NESTED_TOO_DEEPLY = "NESTED_TOO_DEEPLY"
    # JSON, but not where or what a telemetry line is
    INSIDE_OTHER_JSON = "INSIDE_OTHER_JSON"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    MISSING_KEY = "MISSING_KEY"
    WRONG_TYPE = "WRONG_TYPE"
    BOOL_AS_NUMBER = "BOOL_AS_NUMBER"
    EMPTY_STRING = "EMPTY_STRING"
    UNKNOWN_VERSION = "UNKNOWN_VERSION"
    UNKNOWN_PATH = "UNKNOWN_PATH"
    UNKNOWN_STATUS = "UNKNOWN_STATUS"
    NEGATIVE_LATENCY = "NEGATIVE_LATENCY"
    UNKNOWN_GATE = "UNKNOWN_GATE"
    NOT_A_TIME = "NOT_A_TIME"


class Claims(Struct, frozen=True, gc=False):
    """What a v2 line says beyond v1, as the executor says it: evidence against it, never for it.

    `emitted_ns` is its own clock in nanoseconds since 1970, null for a day that no calendar has or one
    beyond 64 bits. The tokens are all null, or none is. `contradiction` says why gate and calls cannot
    fit the rest of the line.
    """

    emitted_ns: int | None
    controls_revision: int | None
    gate: str | None
    rule_id: str | None
    bucket: int
    attempt: int
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    total_tokens: int | None
    request_id: str | None
    contradiction: str | None


class Accepted(Struct, frozen=True, gc=False):
    """A valid telemetry record, CONTRACTS section 4.

    `time_ns` is the transport's time in nanoseconds since 1970-01-01T00:00:00Z, None when the transport
    gives none. `native_id` is the transport's own identity of the message (journald's cursor), with `#1`,
    `#2` … behind it for further records in one. `latency_ms` is in milliseconds. `contradiction` says why a
    schema-valid record cannot be true, None when it can. `claims` is what a v2 line adds, None for v1.
    """

    offset: int
    index: int
    time_ns: int | None
    native_id: str | None
    stream: str | None
    container: str | None
    executor_version: str
    job_id: str
    path: str
    status: str
    error_code: str | None
    latency_ms: float
    contradiction: str | None
    claims: Claims | None = None


class Quarantined(Struct, frozen=True, gc=False):
    """Text that looks like telemetry and is not valid: kept, never counted as a decision.

    `raw` is at most `RAW_LIMIT` bytes of the text, key-shaped strings masked. `claims_openai` is true
    when the text says path openai: such a record counts as exposure unknown.
    """

    offset: int
    index: int
    time_ns: int | None
    native_id: str | None
    cause: Cause
    detail: str
    raw: bytes
    claims_openai: bool


class Noise(Struct, frozen=True, gc=False):
    """A logical line without telemetry; `raw` is a sample of at most `SAMPLE_LIMIT` bytes, masked."""

    offset: int
    raw: bytes


Outcome = Accepted | Quarantined | Noise

RAW_LIMIT = 4096
SAMPLE_LIMIT = 256
