import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from pydantic import ValidationError

from ingest.outcomes import Cause
from ingest.validate import DEPTH_LIMIT, Invalid, Valid, valid_or_none, validate
from schemas import check, strict_json
from schemas.errors import ContractError, InvalidJson
from schemas.telemetry import TelemetryLine
from tests.ingest.telemetry import PLAIN, documents, line, mutated

NAME = "slot-generation-telemetry.v1"


def said_by_the_contract(raw: bytes) -> dict[str, Any] | None:
    try:
        document = check.parse(NAME, raw)
    except ContractError:
        return None
    assert isinstance(document, dict)
    try:
        float(document["latencyMs"])
    except OverflowError:
        return None  # a JSON Schema number has no range; the model's and ours is that of a double
    return document


def said_by_the_model(raw: bytes) -> TelemetryLine | None:
    """pydantic alone lets duplicate keys and the like pass: strict JSON first."""
    try:
        strict_json.loads(raw)
        return TelemetryLine.model_validate_json(raw)
    except (InvalidJson, ValidationError):
        return None


def agree(raw: bytes) -> None:
    found = validate(raw)
    document = said_by_the_contract(raw)
    model = said_by_the_model(raw)
    assert (document is None) == (model is None) == isinstance(found, Invalid), (found, document, model)
    if document is not None and model is not None and isinstance(found, Valid):
        fields = (found.executor_version, found.job_id, found.path, found.status, found.error_code)
        assert fields == (
            document["executorVersion"],
            document["jobId"],
            document["path"],
            document["status"],
            document.get("errorCode"),
        )
        assert found.latency_ms == float(document["latencyMs"]) == model.latency_ms
    quick = valid_or_none(raw)
    assert quick is None or quick == found


@given(documents())
@settings(max_examples=500, deadline=None)
@example(PLAIN)
@example(line(latencyMs=10**308))
@example(line(latencyMs=-0.0))
def test_agrees_with_the_contract_on_documents(raw: bytes) -> None:
    agree(raw)


@given(mutated())
@settings(max_examples=500, deadline=None)
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
    (line(version="v2"), Cause.UNKNOWN_VERSION, "`version` is `v2`, not one of v1"),
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
    ],
)
def test_valid_lines(raw: bytes) -> None:
    agree(raw)
    found = validate(raw)
    assert isinstance(found, Valid)
    assert found.job_id == json.loads(raw)["jobId"]


def test_a_detail_is_short_printable_and_holds_no_key() -> None:
    found = validate(line(path="sk-" + "a" * 50 + "\x00\ud800" + "x" * 5000).replace(b"\xed\xa0\x80", b""))
    assert isinstance(found, Invalid)
    assert "aaaa" not in found.detail
    assert found.detail.isprintable()
    assert len(found.detail) < 200
