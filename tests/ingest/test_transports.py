import json
from typing import Any

import pytest
from hypothesis import given, settings

from ingest.transports.detect import parse
from ingest.transports.message import Message, Several
from tests.ingest.streams import sources
from tests.ingest.telemetry import PLAIN, line

AT = 1795227774084715000  # 2026-11-21T02:22:54.084715Z
TS = b"2026-11-21T02:22:54.084715Z"


def envelope(**keys: Any) -> bytes:
    return json.dumps({key.replace("AT_", "@"): value for key, value in keys.items()}).encode()


CASES: list[tuple[bytes, Message]] = [
    # raw
    (PLAIN, Message(PLAIN)),
    (b"", Message(b"")),
    (b"plain words", Message(b"plain words")),
    (b"\xef\xbb\xbf\x1b[1;31mred\x1b[0m\x1b[K", Message(b"red")),
    (b"\x00\xff", Message(b"\x00\xff")),
    # CRI
    (TS + b" stderr F hello", Message(b"hello", AT, "stderr", partial=False)),
    (TS + b" stdout P  hel ", Message(b" hel ", AT, "stdout", partial=True)),
    (TS + b" stdout P:x:y hel", Message(b"hel", AT, "stdout", partial=True)),
    (TS + b" stderr F ", Message(b"", AT, "stderr", partial=False)),
    (TS + b" stderr F", Message(b"", AT, "stderr", partial=False)),
    (b"2026-11-21T03:22:54.084715000+01:00 stderr F x", Message(b"x", AT, "stderr", partial=False)),
    (b"9999-11-21T02:22:54Z stderr F x", Message(b"x", None, "stderr", partial=False)),
    (b"2026-13-41T02:22:54Z stderr P x", Message(b"x", None, "stderr", partial=True)),
    (TS + b" stderr X hello", Message(b"stderr X hello", AT)),
    (TS + b" stdlog F hello", Message(b"stdlog F hello", AT)),
    (TS + b"stderr F hello", Message(TS + b"stderr F hello")),
    # kubectl logs
    (TS + b" " + PLAIN, Message(PLAIN, AT)),
    (TS, Message(b"", AT)),
    (b"[pod/exec-7d9/main] " + TS + b" hi", Message(b"hi", AT, container="exec-7d9/main")),
    (b"[pod/exec-7d9/main] hi", Message(b"hi", container="exec-7d9/main")),
    (b"[pod/exec-7d9/main]", Message(b"", container="exec-7d9/main")),
    (b"[error] hi", Message(b"[error] hi")),
    # compose
    (b"web-1  | hi", Message(b"hi", container="web-1")),
    (b"web-1     |", Message(b"", container="web-1")),
    (b"\x1b[36mweb-1  | \x1b[0m" + TS + b" hi", Message(b"hi", AT, container="web-1")),
    (b"9web_1 | a | b", Message(b"a | b", container="9web_1")),
    (b"a|b", Message(b"a|b")),
    (b"two words | b", Message(b"two words | b")),
    # docker json-file
    (
        envelope(log="hi\n", stream="stderr", time="2026-11-21T02:22:54.084715Z"),
        Message(b"hi", AT, "stderr", partial=False),
    ),
    (
        envelope(log="h\u00e9", stream="stdout", time="2026-11-21T02:22:54.084715Z", attrs={"a": "b"}),
        Message("h\u00e9".encode(), AT, "stdout", partial=True),
    ),
    (envelope(log="hi\n", stream="stderr", time="no time"), Message(b"hi", None, "stderr", partial=False)),
    # journald
    (
        envelope(
            MESSAGE="hi",
            __REALTIME_TIMESTAMP="1795227774084715",
            __CURSOR="s=1",
            _SYSTEMD_UNIT="x",
        ),
        Message(b"hi", AT, None, "x", "s=1", partial=False),
    ),
    (
        envelope(MESSAGE=[255, 104], __REALTIME_TIMESTAMP="x", _LINE_BREAK="line-max", CONTAINER_NAME="c"),
        Message(b"\xffh", None, None, "c", partial=True),
    ),
    (
        envelope(MESSAGE="hi", __REALTIME_TIMESTAMP="1", _LINE_BREAK="eof"),
        Message(b"hi", 1000, partial=False),
    ),
    # Fluent Bit, Vector, fluentd
    (envelope(date=1795227774.084715, log="hi\n"), Message(b"hi", AT, partial=False)),
    (envelope(date="1795227774.084715", message="hi"), Message(b"hi", AT, partial=False)),
    (envelope(AT_timestamp="2026-11-21T02:22:54.084715Z", msg="hi"), Message(b"hi", AT, partial=False)),
    (envelope(timestamp=1795227774084, message="hi"), Message(b"hi", 1795227774084000000, partial=False)),
    (
        envelope(timestamp="2026-11-21T02:22:54.084715Z", message="h", _partial=True),
        Message(b"h", AT, partial=True),
    ),
    (envelope(time="x", stream="stderr", _p="P", log="hi"), Message(b"hi", None, "stderr", partial=True)),
    (envelope(stream="stdout", log="hi", x=1), Message(b"hi", None, "stdout", partial=False)),
    (
        envelope(
            time="x",
            log="h",
            source="stderr",
            container_name="/c",
            partial_message="true",
            partial_last="false",
        ),
        Message(b"h", None, "stderr", "/c", partial=True),
    ),
    (
        envelope(time="x", log="h", partial_message="true", partial_last="true"),
        Message(b"h", None, partial=False),
    ),
    (
        envelope(time="x", log="h", kubernetes={"pod_name": "p", "container_name": "c"}),
        Message(b"h", None, None, "p/c", partial=False),
    ),
    (
        envelope(date=1.5, log="2026-11-21T02:22:54.084715Z stderr P hel"),
        Message(b"hel", AT, "stderr", partial=True),
    ),
    (envelope(date=1, log="\ud800"), Message(b"\xed\xa0\x80", 10**9, partial=False)),
    # JSON that is no envelope
    (envelope(error={"message": "hi"}), Message(envelope(error={"message": "hi"}))),
    (envelope(message="hi"), Message(envelope(message="hi"))),
    (envelope(message=5, time=1), Message(envelope(message=5, time=1))),
    (envelope(MESSAGE="hi"), Message(envelope(MESSAGE="hi"))),
    (
        line(message="hi", time="2026-11-21T02:22:54Z"),
        Message(line(message="hi", time="2026-11-21T02:22:54Z")),
    ),
    # an envelope that cannot be read, or in two ways
    (b'{"log":"hi', Message(b'{"log":"hi', damaged=True)),
    (
        b'{"log":"a","log":"b","stream":"stderr","time":"x"}',
        Message(b'{"log":"a","log":"b","stream":"stderr","time":"x"}', damaged=True),
    ),
    (b'{"log":"\xff","time":1}', Message(b'{"log":"\xff","time":1}', damaged=True)),
    (b'{"error":{"message":"hi"', Message(b'{"error":{"message":"hi"')),
    # syslog
    (
        b'<34>1 2026-11-21T02:22:54.084715Z host app 12 ID [x@1 a="]\\""][y] \xef\xbb\xbfhi',
        Message(b"hi", AT, container="app"),
    ),
    (b"83 <34>1 - - - - - - hi", Message(b"hi")),
    (b"<34>1 - - - - - -", Message(b"")),
    (b"<34>1 9999-01-01T00:00:00Z h a - - - hi", Message(b"hi", container="a")),
    (b"<html>", Message(b"<html>")),
    (b"<34>Oct 11 22:14:15 host app: hi", Message(b"<34>Oct 11 22:14:15 host app: hi")),
]


@pytest.mark.parametrize(("text", "message"), CASES, ids=range(len(CASES)))
def test_transports_are_told_apart(text: bytes, message: Message) -> None:
    assert parse(text) == message


@given(sources())
@settings(max_examples=50, deadline=None)
def test_every_line_is_some_message(source: bytes) -> None:
    for text in source.split(b"\n"):
        assert isinstance(parse(text), Message | Several)


@pytest.mark.parametrize(
    "text",
    [
        b"{" * (1 << 19),
        b'{"log":' + b"[" * (1 << 19),
        b'{"log":"' + b"\\" * (1 << 19),
        b'{"log":1,' * (1 << 16),
        b"\x1b[" + b"0" * (1 << 19),
        b"\x1b[" * (1 << 18),
        b"<34>1 - - - - - [" + b'a b="' * (1 << 16),
        b"<34>1 - - - - - [a" + b' b=""' * (1 << 16),
        b"[pod/" + b"a-" * (1 << 18),
        b"a" * (1 << 19),
        b"a" + b" " * (1 << 19),
        b"2026-11-21T02:22:54Z stderr F:" + b":" * (1 << 19),
    ],
    ids=lambda text: repr(text[:18]),
)
def test_hostile_lines_are_read_to_their_end(text: bytes) -> None:
    assert isinstance(parse(text), Message)
