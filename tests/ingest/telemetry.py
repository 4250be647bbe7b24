"""Telemetry lines for tests: whole, mutated, and pieces of text that surround them."""

import json
from typing import Any

from hypothesis import strategies as st

PLAIN = (
    b'{"version":"v1","executorVersion":"openai.v1","jobId":"job-1","path":"stub","status":"STUB",'
    b'"latencyMs":12,"errorCode":"KILL_SWITCH"}'
)


def line(**changes: Any) -> bytes:
    """A valid line with some values replaced; `...` removes the key."""
    return _changed(PLAIN, changes)


def _changed(plain: bytes, changes: dict[str, Any]) -> bytes:
    document = json.loads(plain)
    document.update(changes)
    document = {key: value for key, value in document.items() if value is not ...}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


PLAIN_V2 = (
    b'{"version":"v2","executorVersion":"openai.v1","jobId":"job-1","path":"openai","status":"COMPLETED",'
    b'"latencyMs":812,"errorCode":null,"emittedAt":"2026-11-21T02:23:41.500Z","controlsRevision":12,'
    b'"gate":null,"ruleId":"biology","bucket":49,"attempt":1,"model":"gpt-4.1",'
    b'"usage":{"inputTokens":412,"outputTokens":96,"totalTokens":508},"requestId":"req_1"}'
)


def line_v2(**changes: Any) -> bytes:
    """As `line`, for v2."""
    return _changed(PLAIN_V2, changes)


STRINGS = st.one_of(
    st.sampled_from(
        [
            *(
                "stub",
                "openai",
                "STUB",
                "COMPLETED",
                "FAILED",
                "v1",
                "v2",
                "",
                "KILL_SWITCH",
                "job:{1}",
                "é☃",
            ),
            *("kill_switch", "rollout", "2026-02-30T00:00:00Z", "2026-11-21T02:23:41.123456789+01:00"),
        ]
    ),
    st.text(max_size=8),
)
# Texts of JSON values, and of what only looks like one.
VALUES = st.one_of(
    STRINGS.map(json.dumps),
    STRINGS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.integers(-5, 5000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        [
            *("null", "true", "false", "NaN", "Infinity", "-Infinity", "{}", "[]", "[[1,]]"),
            *(
                "-0",
                "-0.0",
                "1.0",
                "1e2",
                "1E400",
                "-1e-400",
                "-1e400",
                "01",
                "1.",
                ".5",
                "+1",
                "0x1",
                "4.9e-324",
            ),
            *("1e308", "1.7976931348623157e308", "1.7976931348623159e308", "9007199254740993"),
            *(
                '{"inputTokens":1,"outputTokens":2.0,"totalTokens":3}',
                '{"inputTokens":1,"outputTokens":2,"totalTokens":3,"totalTokens":3}',
                '{"inputTokens":1,"outputTokens":2,"totalTokens":1000000000001}',
                '{"a":1}',
                '{"a":1,"a":2}',
                '"\\ud800"',
                '"\\ud83d\\ude00"',
                '"\\x"',
                '"\\u00e9"',
                '"a\\"b"',
                '"\\u0000"',
            ),
        ]
    ),
    st.integers(300, 330).map(lambda digits: "1" + "0" * digits),
    st.just("9" * 5000),
)
KEYS = st.one_of(
    st.sampled_from(list(json.loads(PLAIN_V2))).map(json.dumps),
    st.sampled_from(['"job\\u0049d"', '"\\u0070ath"', '"extra"', '""', "jobId", "'jobId'", '"Path"']),
)
SPACE = st.sampled_from(["", "", "", " ", "\t", "\r\n", " "])


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A telemetry line as someone might write it: mostly valid, with any number of things wrong."""
    plain = draw(st.sampled_from([PLAIN, PLAIN_V2]))
    members = [[json.dumps(key), json.dumps(value)] for key, value in json.loads(plain).items()]
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.integers(0, 5)):
            case 0 | 1:
                draw(st.sampled_from(members))[1] = draw(VALUES)
            case 2:
                draw(st.sampled_from(members))[0] = draw(KEYS)
            case 3:
                members.append([draw(KEYS), draw(VALUES)])
            case 4 if len(members) > 1:
                members.remove(draw(st.sampled_from(members)))
            case _:
                members = draw(st.permutations(members))
    space = [draw(SPACE) for _ in range(4)]
    body = f"{space[2]},{space[0]}".join(f"{key}{space[1]}:{space[3]}{value}" for key, value in members)
    return f"{{{space[0]}{body}{space[1]}}}".encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A document with bytes cut out, put in or exchanged."""
    text = bytearray(draw(documents()))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text[start:end] = draw(
            st.one_of(
                st.binary(max_size=2),
                st.sampled_from(
                    [b'"', b"\\", b",", b"{", b"}", b":", b"\xff", b"\x00", b"\xed\xa0\x80", b"\xef\xbb\xbf"]
                ),
            )
        )
    return bytes(text)
