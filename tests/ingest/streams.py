"""Whole sources for tests: lines of all transports, with pieces, in any mixture."""

import json

from hypothesis import strategies as st

from tests.ingest.telemetry import PLAIN, documents, mutated

NOISE = [
    b"",
    b"OpenAI response was not valid JSON",
    b'{"error":{"message":"upstream exploded",',
    b'"type":"server_error"}}',
    b"\x00\xff\xfe",
    b"\x1b[31mred\x1b[0m",
    b"web-1  | hello",
    b'{"version":"v1","jobId":"j","status":"STUB","generatedAt":"","output":null}',
]

texts = st.one_of(
    st.just(PLAIN),
    st.sampled_from(NOISE),
    documents(),
    mutated(),
    st.lists(st.one_of(st.sampled_from(NOISE), st.just(PLAIN), mutated()), min_size=1, max_size=3).map(
        b"".join
    ),
    st.tuples(st.just(PLAIN), st.integers(0, len(PLAIN))).map(lambda cut: cut[0][: cut[1]]),
).map(lambda text: text.replace(b"\n", b" "))

times = st.tuples(st.integers(0, 30), st.integers(0, 999_999_999)).map(
    lambda moment: f"2026-11-21T02:22:{moment[0]:02}.{moment[1]:09}Z"
)
streams = st.sampled_from(["stdout", "stderr"])


def as_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


@st.composite
def cri(draw: st.DrawFn) -> list[bytes]:
    """One message, cut into pieces."""
    text = draw(texts)
    time, stream = draw(times), draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=2)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    tags = ["P"] * len(cuts) + [draw(st.sampled_from(["F", "F", "F", "F", "P"]))]
    return [f"{time} {stream} {tag} ".encode() + piece for tag, piece in zip(tags, pieces, strict=True)]


@st.composite
def docker(draw: st.DrawFn) -> list[bytes]:
    text = as_text(draw(texts)) + draw(st.sampled_from(["\n", "\n", ""]))
    return [json.dumps({"log": text, "stream": draw(streams), "time": draw(times)}).encode()]


@st.composite
def fluent(draw: st.DrawFn) -> list[bytes]:
    envelope: dict[str, object] = {"log": as_text(draw(texts)), "stream": draw(streams)}
    envelope["_p"] = draw(st.sampled_from("FFP"))
    envelope["date"] = draw(st.one_of(times, st.floats(0, 2e9)))
    return [json.dumps(envelope).encode()]


@st.composite
def journald(draw: st.DrawFn) -> list[bytes]:
    text = draw(texts)
    message = draw(st.sampled_from([list(text), as_text(text)]))
    return [json.dumps({"MESSAGE": message, "__REALTIME_TIMESTAMP": "1", "__CURSOR": "s=1"}).encode()]


@st.composite
def _log_record(draw: st.DrawFn) -> dict[str, object]:
    names = draw(st.sampled_from([{}, {"logtag": "P"}, {"logtag": "F"}, {"log.iostream": "stderr"}]))
    return {
        "timeUnixNano": draw(st.sampled_from(["0", "1795227774084715000", "x"])),
        "body": draw(st.sampled_from([{"stringValue": as_text(draw(texts))}] * 5 + [{"stringValue": 5}])),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in names.items()],
    }


@st.composite
def otlp(draw: st.DrawFn) -> list[bytes]:
    scopes = draw(st.lists(st.lists(_log_record(), max_size=3), min_size=1, max_size=2))
    of_resources = [{"scopeLogs": [{"logRecords": records}]} for records in scopes]
    return [json.dumps({"resourceLogs": of_resources}).encode()]


@st.composite
def _event(draw: st.DrawFn) -> object:
    message = draw(st.one_of(texts, cri().map(b"".join), docker().map(b"".join), fluent().map(b"".join)))
    event = {
        "id": draw(st.sampled_from(["", "1", "2"])),
        "timestamp": draw(st.sampled_from([1795227774084, 1795227784084, "x"])),
        "message": as_text(message),
    }
    return draw(st.sampled_from([event] * 8 + [{"message": 5}, 5]))


@st.composite
def cloudwatch(draw: st.DrawFn) -> list[bytes]:
    """Objects behind each other, the second mostly at a seam."""
    objects = [
        json.dumps(
            {
                "messageType": draw(st.sampled_from(["DATA_MESSAGE"] * 8 + ["CONTROL_MESSAGE", "x"])),
                "logStream": draw(st.sampled_from("ab")),
                "logEvents": draw(st.lists(_event(), max_size=4)),
            }
        ).encode()
        for _ in range(draw(st.integers(1, 3)))
    ]
    return [draw(st.sampled_from([b"", b"", b"", b" "])).join(objects)]


@st.composite
def others(draw: st.DrawFn) -> list[bytes]:
    prefix = draw(st.sampled_from(["", "", "", "web-1  | ", "[pod/a/b] ", "TS ", "<14>1 TS h app 1 - - "]))
    return [prefix.replace("TS", draw(times)).encode() + draw(texts)]


@st.composite
def sources(draw: st.DrawFn) -> bytes:
    """Messages of every transport, their pieces interleaved, with and without a last newline."""
    messages = draw(
        st.lists(st.one_of(cri(), docker(), fluent(), journald(), otlp(), cloudwatch(), others()), max_size=8)
    )
    lines: list[bytes] = []
    for message in messages:
        at = len(lines)
        for piece in message:
            at = draw(st.integers(at, len(lines)))
            lines.insert(at, piece)
            at += 1
    return b"".join(line + draw(st.sampled_from([b"\n", b"\n", b"\r\n"])) for line in lines) + draw(
        st.sampled_from([b"", b"", PLAIN, PLAIN[:50]])
    )


@st.composite
def cut(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A source, and the same in blocks."""
    source = draw(sources())
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=6)))
    return source, [source[a:b] for a, b in zip([0, *cuts], [*cuts, len(source)], strict=True)]
