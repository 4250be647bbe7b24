import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from pydantic import ValidationError

from ingest.contract import key_checks
from ingest.contract.outcomes import Cause
from ingest.contract.validate import DEPTH_LIMIT, Invalid, ValidV2, valid_or_none, validate
from schemas import check, strict_json, telemetry_v2
from schemas.errors import ContractError, InvalidJson
from schemas.telemetry import TelemetryLine
from schemas.telemetry_v2 import TelemetryLineV2
from tests.ingest.telemetry import PLAIN, PLAIN_V2, documents, line, line_v2, mutated

NAMES = ("slot-generation-telemetry.v1", "slot-generation-telemetry.v2")


def parsed(name: str, raw: bytes) -> dict[str, Any] | None:
    try:
        document = check.parse(name, raw)
    except ContractError:
        return None
    assert isinstance(document, dict)
    return document


def said_by_the_contract(raw: bytes) -> dict[str, Any] | None:
    document = next((found for name in NAMES if (found := parsed(name, raw)) is not None), None)
    if document is None:
        return None
    try:
        float(document["latencyMs"])
    except OverflowError:
        return None  # a JSON Schema number has no range; the model's and ours is that of a double
    return document


def said_by_the_model(raw: bytes) -> TelemetryLine | TelemetryLineV2 | None:
    """pydantic alone lets duplicate keys and the like pass: strict JSON first."""
    try:
        strict_json.loads(raw)
    except InvalidJson:
        return None
    for model in (TelemetryLine, TelemetryLineV2):
        with suppress(ValidationError):
            return model.model_validate_json(raw)
    return None


def agree(raw: bytes) -> None:
    found = validate(raw)
    document = said_by_the_contract(raw)
    model = said_by_the_model(raw)
    assert (document is None) == (model is None) == isinstance(found, Invalid), (found, document, model)
    if document is not None and model is not None and not isinstance(found, Invalid):
        fields = (found.executor_version, found.job_id, found.path, found.status, found.error_code)
        assert fields == (
            document["executorVersion"],
            document["jobId"],
            document["path"],
            document["status"],
            document.get("errorCode"),
        )
        assert found.latency_ms == float(document["latencyMs"]) == model.latency_ms
    if isinstance(found, ValidV2) and isinstance(model, TelemetryLineV2):
        for field in set(ValidV2.__struct_fields__) - {"usage"}:
            assert getattr(found, field) == getattr(model, field)
        tokens = ("input_tokens", "output_tokens", "total_tokens")
        assert (found.usage is None) == (model.usage is None)
        assert [getattr(found.usage, name, None) for name in tokens] == [
            getattr(model.usage, name, None) for name in tokens
        ]
    quick = valid_or_none(raw)
    assert quick is None or quick == found


@given(documents())
@example(PLAIN)
@example(line(latencyMs=10**308))
@example(line(latencyMs=-0.0))
@example(PLAIN_V2)
@example(line_v2(errorCode=...))
@example(line_v2(usage=None, gate="rollout", ruleId=None, model=None, requestId=None))
@example(line_v2(bucket=49.0, attempt=1e0, controlsRevision=2**53 - 1))
@example(line_v2(emittedAt="2026-02-30T00:00:00Z"))
@example(line_v2(emittedAt="2026-01-01T00:00:00Z\n"))
@example(PLAIN_V2.replace(b'"bucket":49', b'"bucket":48,"bucket":49'))
@example(PLAIN_V2.replace(b'"errorCode":null', b'"errorCode":null,"errorCode":null'))
@example(PLAIN_V2.replace(b'"errorCode":null,', b'"attempt":2,'))
@example(PLAIN_V2.replace(b'{"inputTokens":412', b'{"inputTokens":1,"inputTokens":412'))
def test_agrees_with_the_contract_on_documents(raw: bytes) -> None:
    agree(raw)


@given(mutated())
def test_agrees_with_the_contract_on_mutated_documents(raw: bytes) -> None:
    agree(raw)


CASES: list[tuple[bytes, Cause, str]] = [
    (PLAIN[:-1], Cause.MALFORMED_JSON, "not JSON at character"),
    (PLAIN + b"x", Cause.MALFORMED_JSON, "extra data"),
    (PLAIN.replace(b'"}', b'",}'), Cause.MALFORMED_JSON, "not JSON"),
    (PLAIN.replace(b"12", b"012"), Cause.MALFORMED_JSON, "not JSON"),
    (PLAIN.replace(b"job-1", b"job\n1"), Cause.MALFORMED_JSON, "control character"),
    (PLAIN.replace(b"job-1", rb"job\x1"), Cause.MALFORMED_JSON, "escape"),
    (b"\xef\xbb\xbf" + PLAIN, Cause.MALFORMED_JSON, "not JSON at character 0"),
    (b"", Cause.MALFORMED_JSON, "not JSON at character 0"),
    (PLAIN.replace(b"job-1", b"job-\xff"), Cause.INVALID_UTF8, "not valid UTF-8 at byte"),
    (PLAIN.replace(b"job-1", b"\xed\xa0\x80"), Cause.INVALID_UTF8, "not valid UTF-8"),
    (PLAIN.replace(b"job-1", b"\xc0\xaf"), Cause.INVALID_UTF8, "not valid UTF-8"),
    (PLAIN.replace(b"job-1", rb"\ud83d"), Cause.LONE_SURROGATE, "half of a surrogate pair"),
    (PLAIN.replace(b'"jobId"', rb'"\uDC00":1,"jobId"'), Cause.LONE_SURROGATE, "surrogate"),
    (PLAIN.replace(b'"jobId"', b'"path":"openai","jobId"'), Cause.DUPLICATE_KEY, "key `path` stands twice"),
    (
        PLAIN.replace(b'"jobId"', b'"jo\\u0062Id":"x","jobId"'),
        Cause.DUPLICATE_KEY,
        "key `jobId` stands twice",
    ),
    (PLAIN.replace(b"12", b"NaN"), Cause.NOT_FINITE, "`NaN` is not a JSON number"),
    (PLAIN.replace(b"12", b"Infinity"), Cause.NOT_FINITE, "`Infinity`"),
    (PLAIN.replace(b"12", b"-Infinity"), Cause.NOT_FINITE, "`-Infinity`"),
    (PLAIN.replace(b"12", b"1e999"), Cause.NUMBER_OUT_OF_RANGE, "number `1e999` is out of range"),
    (PLAIN.replace(b"12", b"1" + b"0" * 309), Cause.NUMBER_OUT_OF_RANGE, "is out of range"),
    (PLAIN.replace(b"12", b"9" * 9000), Cause.NUMBER_OUT_OF_RANGE, "is out of range"),
    (PLAIN.replace(b"12", b"[" * 65 + b"]" * 65), Cause.NESTED_TOO_DEEPLY, f"more than {DEPTH_LIMIT}"),
    (PLAIN.replace(b"12", b"[" * 100_000), Cause.NESTED_TOO_DEEPLY, f"more than {DEPTH_LIMIT}"),
    (line(board="AQA"), Cause.UNKNOWN_KEY, "key `board` is not in the contract"),
    (line(jobId=...), Cause.MISSING_KEY, "key `jobId` is missing"),
    (line(version=...), Cause.MISSING_KEY, "key `version` is missing"),
    (line(latencyMs=...), Cause.MISSING_KEY, "key `latencyMs` is missing"),
    (line(latencyMs="12"), Cause.WRONG_TYPE, "`latencyMs` is `12`, not a number"),
    (line(latencyMs=None), Cause.WRONG_TYPE, "`latencyMs` is `null`, not a number"),
    (line(latencyMs=[1]), Cause.WRONG_TYPE, "not a number"),
    (line(jobId=7), Cause.WRONG_TYPE, "`jobId` is `7`, not a string"),
    (line(jobId=True), Cause.WRONG_TYPE, "`jobId` is `true`, not a string"),
    (line(path=None), Cause.WRONG_TYPE, "`path` is `null`, not a string"),
    (line(errorCode=False), Cause.WRONG_TYPE, "`errorCode` is `false`, not a string"),
    (line(version=1), Cause.WRONG_TYPE, "`version` is `1`, not a string"),
    (b"[" + PLAIN + b"]", Cause.WRONG_TYPE, "not an object"),
    (b"12", Cause.WRONG_TYPE, "not an object"),
    (line(latencyMs=True), Cause.BOOL_AS_NUMBER, "`latencyMs` is `true`, not a number"),
    (line(latencyMs=False), Cause.BOOL_AS_NUMBER, "`latencyMs` is `false`, not a number"),
    (line(jobId=""), Cause.EMPTY_STRING, "`jobId` is empty"),
    (line(executorVersion=""), Cause.EMPTY_STRING, "`executorVersion` is empty"),
    (line(errorCode=""), Cause.EMPTY_STRING, "`errorCode` is empty"),
    (line(version="v3"), Cause.UNKNOWN_VERSION, "`version` is `v3`, not one of v1, v2"),
    (line(version="v2"), Cause.MISSING_KEY, "key `emittedAt` is missing"),
    (line_v2(version="v1"), Cause.UNKNOWN_KEY, "key `emittedAt` is not in the contract"),
    (line_v2(prompt="x"), Cause.UNKNOWN_KEY, "key `prompt` is not in the contract"),
    (line_v2(requestId=...), Cause.MISSING_KEY, "key `requestId` is missing"),
    (line_v2(emittedAt=None), Cause.WRONG_TYPE, "`emittedAt` is `null`, not a string"),
    (line_v2(emittedAt="2026-11-21"), Cause.NOT_A_TIME, "`emittedAt` is `2026-11-21`, not an RFC 3339 time"),
    (line_v2(gate="kill"), Cause.UNKNOWN_GATE, "`gate` is `kill`, not one of controls, kill_switch"),
    (line_v2(gate=1), Cause.WRONG_TYPE, "`gate` is `1`, not a string"),
    (line_v2(bucket=100), Cause.NUMBER_OUT_OF_RANGE, "`bucket` is `100`, not from 0 to 99"),
    (line_v2(bucket=None), Cause.WRONG_TYPE, "`bucket` is `null`, not a whole number"),
    (line_v2(attempt=True), Cause.BOOL_AS_NUMBER, "`attempt` is `true`, not a number"),
    (line_v2(attempt=1.5), Cause.WRONG_TYPE, "`attempt` is `1.5`, not a whole number"),
    (line_v2(controlsRevision=-1), Cause.NUMBER_OUT_OF_RANGE, "not from 0 to"),
    (line_v2(controlsRevision="7"), Cause.WRONG_TYPE, "`controlsRevision` is `7`, not a whole number"),
    (line_v2(model=""), Cause.EMPTY_STRING, "`model` is empty"),
    (line_v2(ruleId=7), Cause.WRONG_TYPE, "`ruleId` is `7`, not a string"),
    (line_v2(usage=7), Cause.WRONG_TYPE, "`usage` is `7`, not an object"),
    (line_v2(usage={}), Cause.MISSING_KEY, "key `inputTokens` of `usage` is missing"),
    (line_v2(usage={"cost": 1}), Cause.UNKNOWN_KEY, "key `cost` of `usage` is not in the contract"),
    (
        line_v2(usage={"inputTokens": -1, "outputTokens": 0, "totalTokens": 0}),
        Cause.NUMBER_OUT_OF_RANGE,
        "`usage.inputTokens` is `-1`",
    ),
    (line(path="Stub"), Cause.UNKNOWN_PATH, "`path` is `Stub`, not one of stub, openai"),
    (line(path=""), Cause.UNKNOWN_PATH, "`path` is ``"),
    (line(status="stub"), Cause.UNKNOWN_STATUS, "`status` is `stub`"),
    (line(latencyMs=-1), Cause.NEGATIVE_LATENCY, "`latencyMs` is `-1`, below 0"),
    (line(latencyMs=-1e-9), Cause.NEGATIVE_LATENCY, "below 0"),
]


@pytest.mark.parametrize(("raw", "cause", "detail"), CASES, ids=range(len(CASES)))
def test_each_way_to_be_invalid_has_its_cause(raw: bytes, cause: Cause, detail: str) -> None:
    found = validate(raw)
    assert isinstance(found, Invalid)
    assert found.cause is cause
    assert detail in found.detail
    assert said_by_the_contract(raw) is None


def test_every_cause_of_validation_is_in_the_table() -> None:
    from_elsewhere = {Cause.TRUNCATED, Cause.LINE_TOO_LONG, Cause.INSIDE_OTHER_JSON}
    assert {cause for _, cause, _ in CASES} == set(Cause) - from_elsewhere


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN,
        line(errorCode=None),
        line(errorCode=...),
        line(latencyMs=1.0),
        line(latencyMs=0),
        line(latencyMs=-0.0),
        line(latencyMs=10**308),
        line(jobId="job:slot:page:x"),
        line(jobId='quote " and \\ and é'),
        line(jobId="\x00"),
        PLAIN.replace(b"jobId", rb"\u006aobId"),
        PLAIN.replace(b":", b" : ").replace(b",", b" ,\t"),
        b" " + PLAIN + b"\r",
        PLAIN_V2,
        line_v2(errorCode=..., usage=None, requestId="é"),
        PLAIN_V2.replace(b'":', b'" : '),
    ],
)
def test_valid_lines(raw: bytes) -> None:
    agree(raw)
    found = validate(raw)
    assert not isinstance(found, Invalid)
    assert found.job_id == json.loads(raw)["jobId"]


def test_the_bounds_are_those_of_the_contract() -> None:
    for name in ("MOST_TOKENS", "MOST_ATTEMPTS", "LAST_REVISION"):
        assert getattr(key_checks, name) == getattr(telemetry_v2, name)


def test_the_fast_answer_takes_what_the_executor_writes() -> None:
    for raw in (PLAIN, PLAIN_V2, line_v2(usage=None), line_v2(errorCode=...), line_v2(errorCode="X")):
        assert valid_or_none(raw) is not None


def test_a_detail_is_short_printable_and_holds_no_key() -> None:
    found = validate(line(path="sk-" + "a" * 50 + "\x00\ud800" + "x" * 5000).replace(b"\xed\xa0\x80", b""))
    assert isinstance(found, Invalid)
    assert "aaaa" not in found.detail
    assert found.detail.isprintable()
    assert len(found.detail) < 200
