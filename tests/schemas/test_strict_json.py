"""JSON that two readers could understand differently is refused, and nothing else."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import check, strict_json
from schemas.errors import ContractError, InvalidDocument, InvalidJson

REFUSED: list[tuple[str, bytes, str]] = [
    ("empty", b"", "not JSON at character 0"),
    ("blank", b" \n\t", "not JSON"),
    ("byte order mark", b"\xef\xbb\xbf{}", "not JSON at character 0"),
    ("UTF-16", "{}".encode("utf-16"), "not valid UTF-8 at byte 0"),
    ("UTF-16 without a mark", "{}".encode("utf-16-le"), "not JSON"),
    ("Latin-1", '{"a":"é"}'.encode("latin-1"), "not valid UTF-8 at byte 6"),
    ("overlong", b'{"a":"\xc0\xaf"}', "not valid UTF-8"),
    ("encoded surrogate", b'{"a":"\xed\xa0\x80"}', "not valid UTF-8"),
    ("key twice", b'{"a":1,"a":1}', "key `a` stands twice"),
    ("key twice, deep", b'[{"b":{"a":1,"b":2,"a":3}}]', "key `a` stands twice"),
    ("key twice, written differently", b'{"a":1,"\\u0061":2}', "key `a` stands twice"),
    ("NaN", b"[NaN]", "`NaN` is not a JSON number"),
    ("Infinity", b"[Infinity]", "`Infinity` is not a JSON number"),
    ("-Infinity", b"[-Infinity]", "`-Infinity` is not a JSON number"),
    ("overflow", b"[1e999]", "number `1e999` is out of range"),
    ("negative overflow", b"[-1e999]", "number `-1e999` is out of range"),
    ("integer beyond doubles", b"1" * 310, "is out of range"),
    ("integer beyond Python", b"1" * 5000, "is out of range"),
    ("high surrogate", b'"\\ud83d"', "half of a surrogate pair"),
    ("low surrogate", b'"\\uDE00"', "half of a surrogate pair"),
    ("surrogates in the wrong order", b'"\\ude00\\ud83d"', "half of a surrogate pair"),
    ("surrogate in a key", b'{"\\ud83d":1}', "half of a surrogate pair"),
    ("deep arrays", b"[" * 100_000, "nested too deeply"),
    ("deep and closed", b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ("deep objects", b'{"a":' * 100_000, "nested too deeply"),
    ("trailing comma", b"[1,]", "not JSON"),
    ("comment", b"[1] // one", "not JSON"),
    ("single quotes", b"{'a':1}", "not JSON"),
    ("bare key", b"{a:1}", "not JSON"),
    ("leading zero", b"[01]", "not JSON"),
    ("plus sign", b"[+1]", "not JSON"),
    ("bare point", b"[.5]", "not JSON"),
    ("trailing point", b"[5.]", "not JSON"),
    ("hexadecimal", b"[0x10]", "not JSON"),
    ("line break in a string", b'"a\nb"', "not JSON"),
    ("NUL in a string", b'"a\0b"', "not JSON"),
    ("NUL after the text", b"{}\0", "not JSON"),
    ("two values", b"{} {}", "not JSON"),
    ("non-ASCII digits", '["٣", ٣]'.encode(), "not JSON"),
    ("no-break space", "\u00a0{}".encode(), "not JSON"),
]
ACCEPTED: list[tuple[bytes, Any]] = [
    (b" { } \r\n", {}),
    (b"null", None),
    (b"-0", 0),
    (b"-0.0", -0.0),
    (b"1e308", 1e308),
    (b"1e-999", 0.0),
    (b"123456789012345678901234567890", 123456789012345678901234567890),
    (b'"\\ud83d\\ude00"', "😀"),
    (b'"\\\\ud83d"', "\\ud83d"),
    ('"日本語"'.encode(), "日本語"),
    (b'"\\u0000"', "\0"),
    (b"\x7b\x22\xc3\xa9\x22:1}", {"é": 1}),
    ('{"é":1,"e\u0301":2}'.encode(), {"é": 1, "e\u0301": 2}),  # two keys: JSON compares code points
]


@pytest.mark.parametrize(("data", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        strict_json.loads(data)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("data", "value"), ACCEPTED, ids=lambda value: ascii(value)[:30])
def test_accepted(data: bytes, value: Any) -> None:
    for text in (data, data.decode()):
        assert strict_json.loads(text) == value


def test_text_with_a_lone_surrogate_of_its_own() -> None:
    with pytest.raises(InvalidJson, match="half of a surrogate pair"):
        strict_json.loads('"\ud83d"')


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_json, st.booleans())
def test_what_is_written_is_read(value: Any, escaped: bool) -> None:
    assert strict_json.loads(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = strict_json.loads(data)
    except InvalidJson:
        return
    assert json.dumps(value, allow_nan=False)
    json.dumps(value, ensure_ascii=False).encode()


@given(st.floats())
def test_no_number_that_is_not_finite(value: float) -> None:
    text = json.dumps(value)
    if math.isfinite(value):
        assert strict_json.loads(text) == value
    else:
        with pytest.raises(InvalidJson):
            strict_json.loads(text)


def test_parse_names_what_is_wrong_and_where() -> None:
    with pytest.raises(InvalidDocument, match=r"not a allowlist.v1 document: `document`: .*required"):
        check.parse("allowlist.v1", b"{}")
    many = json.dumps({f"key{n}": 1 for n in range(20)})
    with pytest.raises(ContractError) as caught:
        check.parse("allowlist.v1", many)
    assert len(str(caught.value)) < 1500
    assert caught.value.exit_code == 3


def test_a_document_as_deep_as_json_goes_is_refused_in_words() -> None:
    for depth in (100, 500, 900, 2_000, 50_000):
        with pytest.raises(ContractError):
            check.parse("allowlist.v1", b'{"x":' * depth + b"1" + b"}" * depth)
        with pytest.raises(ContractError):
            check.parse("slot-generation-result.v1", b'{"output":' * depth + b"1" + b"}" * depth)
