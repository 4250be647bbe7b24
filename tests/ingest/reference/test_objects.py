"""The linear search for objects against the obvious quadratic one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reference.objects import KEYS, outermost
from tests.ingest.telemetry import PLAIN, mutated

SPACE = b" \t\r\n"


class NotThere(Exception):
    pass


def skip(text: bytes, at: int) -> int:
    while text[at : at + 1] and text[at] in SPACE:
        at += 1
    return at


def string(text: bytes, at: int) -> int:
    if text[at : at + 1] != b'"':
        raise NotThere
    at += 1
    while text[at : at + 1] != b'"':
        if not text[at : at + 1]:
            raise NotThere
        at += 2 if text[at : at + 1] == b"\\" else 1
    return at + 1


def value(text: bytes, at: int) -> int:
    at = skip(text, at)
    first = text[at : at + 1]
    if first == b"{":
        return obj(text, at)
    if first == b"[":
        return listing(text, at, b"]", value)
    if first == b'"':
        return string(text, at)
    end = at
    while text[end : end + 1] and text[end] not in b' \t\r\n"\\{}[],:':
        end += 1
    if end == at:
        raise NotThere
    return end


def member(text: bytes, at: int) -> int:
    at = skip(text, string(text, skip(text, at)))
    if text[at : at + 1] != b":":
        raise NotThere
    return value(text, at + 1)


def listing(text: bytes, at: int, close: bytes, item: Callable[[bytes, int], int]) -> int:
    at = skip(text, at + 1)
    if text[at : at + 1] == close:
        return at + 1
    while True:
        at = skip(text, item(text, at))
        if text[at : at + 1] == close:
            return at + 1
        if text[at : at + 1] != b",":
            raise NotThere
        at += 1


def obj(text: bytes, at: int) -> int:
    return listing(text, at, b"}", member)


def obvious(text: bytes) -> list[tuple[int, int]]:
    found, at = [], 0
    while (start := text.find(b"{", at)) >= 0:
        try:
            at = obj(text, start)
        except NotThere:
            at = start + 1
        else:
            found.append((start, at))
    return found


TOKENS = st.sampled_from(
    [b"{", b"{", b"}", b"}", b'"', b'"', b"\\", b":", b",", b"[", b"]", b"a", b" ", b"1", b'{"a":', b'"a":1']
)
TEXTS = st.one_of(
    st.lists(TOKENS, max_size=40).map(b"".join),
    st.lists(st.one_of(TOKENS, st.just(PLAIN), mutated()), max_size=8).map(b"".join),
)


@given(TEXTS)
def test_finds_what_the_obvious_method_finds(text: bytes) -> None:
    assert [(found.start, found.end) for found in outermost(text)] == obvious(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, [PLAIN]),
        (PLAIN + PLAIN, [PLAIN, PLAIN]),
        (b'"type":"server_error"}}' + PLAIN + b"</html>", [PLAIN]),
        (b'{"error":{"message":"cut ' + PLAIN, [PLAIN]),  # the first brace never closes
        (b'{"error":{"message":"cut ' + PLAIN + b'"}}', [PLAIN]),
        (b'{"error":' + PLAIN + b",", [PLAIN]),  # nor does this one
        (b"{" + PLAIN + b"}", [PLAIN]),
        (b'say "' + PLAIN, [PLAIN]),  # an odd quote before
        (b"\x00\x00" + PLAIN + b"\x00", [PLAIN]),
        (b'{"a":1,}' + PLAIN, [PLAIN]),
        (b"[" + PLAIN + b"," + PLAIN + b"]", [PLAIN, PLAIN]),
        (b'{"e":' + PLAIN + b"}", [b'{"e":' + PLAIN + b"}"]),
        (b'"' + PLAIN.replace(b'"', b'\\"') + b'"', []),
        (b'{"path":NaN}', [b'{"path":NaN}']),
        (b'{"path":"\\x"}', [b'{"path":"\\x"}']),
    ],
)
def test_objects_between_other_text(text: bytes, expected: list[bytes]) -> None:
    assert [text[found.start : found.end] for found in outermost(text)] == expected


def test_own_keys_are_counted_once_and_only_on_the_outside() -> None:
    (found,) = outermost(
        b'{"jobId":1,"job\\u0049d":2,"x":{"path":1},"status":[{"errorCode":1}],"latencyMs":3}'
    )
    assert {key for bit, key in enumerate(KEYS) if found.keys >> bit & 1} == {"jobId", "status", "latencyMs"}
    assert found.is_shaped
    (found,) = outermost(b'{"version":"v1","jobId":"j","status":"STUB","generatedAt":"","output":null}')
    assert not found.is_shaped


def test_telemetry_inside_other_objects_is_told() -> None:
    text = b'{"a":[' + PLAIN + b',{"b":' + PLAIN + b'}],"c":{"jobId":1,"path":2,"status":3}}'
    (found,) = outermost(text)
    assert [text[first:last] for first, last in found.inside] == [PLAIN, PLAIN]
    wrapper = PLAIN[:-1] + b',"x":' + PLAIN + b"}"
    (found,) = outermost(wrapper)
    assert found.is_shaped
    assert found.inside == ()
    (found,) = outermost(b'{"y":' + wrapper + b"}")
    assert found.inside == ((5, 5 + len(wrapper)),)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "braces": lambda n: b"{" * n,
    "members": lambda n: b'{"version":"v1",' * (n // 16),
    "deep": lambda n: b'{"a":' * (n // 5),
    "deep, closed": lambda n: b'{"a":' * (n // 6) + b"1" + b"}" * (n // 6),
    "deep, around records": lambda n: b'{"a":' * (n // 4) + PLAIN * (n // 1000),
    "lists": lambda n: b'{"a":' + b"[" * n,
    "strings in strings": lambda n: b'{"a":"' * (n // 6),
    "both": lambda n: b'{"a":{"b":"' * (n // 11),
    "spaces": lambda n: b"{ " * (n // 2),
    "spaces and quotes": lambda n: b'{    "' * (n // 6),
    "escapes": lambda n: b'{"\\' * (n // 3),
    "escaped quotes": lambda n: b'{"a":"' + b'\\"{' * (n // 3),
    "open string": lambda n: b'{"a' + b"x" * n,
    "open key": lambda n: b'{"a":1,"' * (n // 8),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_to_its_end(name: str) -> None:
    """Linear, this takes a blink; quadratic, each of these would outlast the suite's time limit."""
    text = HOSTILE[name](1 << 18)
    ends = [found.end for found in outermost(text)]
    assert ends == sorted(ends)
    assert len(ends) == {"deep, closed": 1, "deep, around records": (1 << 18) // 1000}.get(name, 0)
