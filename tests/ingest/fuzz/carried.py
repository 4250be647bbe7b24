"""Texts as each transport carries them, with what a reader must find of time, stream and container."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

_BASE_S = 1_795_227_774  # 2026-11-21T02:22:54Z
_ZONES = (0, 0, 0, 60, -30, 330, -23 * 60 - 59, 23 * 60 + 59)
_NO_TIMES = ("2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-21T24:00:00Z")
# What begins like this may be taken for another transport's line: only a header of its own makes it plain.
_LIKE_A_HEADER = re.compile(rb"[0-9<\[|\xef\x1b]|[A-Za-z0-9_.-]+ +\|")


@dataclass(frozen=True)
class Message:
    """What is carried, and what is known of it."""

    text: bytes
    time_ns: int | None = None
    stream: str | None = None
    container: str | None = None
    native_id: str | None = None


@dataclass(frozen=True)
class Carried:
    """Physical lines, without newlines, and what they carry. Of several messages each has an id."""

    lines: tuple[bytes, ...]
    messages: tuple[Message, ...]


def carried(draw: Random, next_text: Callable[[], bytes]) -> Carried:
    """Texts by any transport that can carry them, each on one line."""
    if draw.random() < 0.08:
        found = draw.choice((cloudwatch, _otlp_export))(
            draw, [next_text() for _ in range(draw.randint(0, 4))]
        )
    else:
        found = draw.choices(_CARRIERS, _WEIGHTS)[0](draw, next_text())
    if draw.random() < 0.02:
        return Carried((b"\xef\xbb\xbf" + found.lines[0], *found.lines[1:]), found.messages)
    return found


def in_bulk(draw: Random, text: bytes) -> Carried:
    """The text by one of the transports whose lines are proven in bulk."""
    return draw.choice((_raw, _raw, _cri, _cri, _kubectl))(draw, text)


def in_pieces(draw: Random, text: bytes, stream: str) -> Carried:
    """The text on several lines: by CRI's tags, or as docker's json-file."""
    cuts = sorted(draw.randint(0, len(text)) for _ in range(draw.randint(1, 3)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    times = [_time(draw) for _ in pieces]
    if draw.random() < 0.5 and text.isascii() and b"\n" not in text:
        ends = [""] * len(cuts) + ["\n"]
        lines = [
            _json(draw, {"log": piece.decode() + end, "stream": stream, "time": time})
            for piece, end, (time, _) in zip(pieces, ends, times, strict=True)
        ]
    else:
        # Of each piece, as of any line: a carriage return before the newline goes with it.
        pieces = [_on_a_line(piece) for piece in pieces]
        text = b"".join((*(piece.removesuffix(b"\r") for piece in pieces[:-1]), pieces[-1]))
        tags = ["P"] * len(cuts) + ["F"]
        lines = [
            f"{time} {stream} {tag} ".encode() + piece
            for piece, tag, (time, _) in zip(pieces, tags, times, strict=True)
        ]
    return Carried(tuple(lines), (Message(text, times[0][1], stream),))


def _one(line: bytes, message: Message) -> Carried:
    return Carried((line,), (message,))


def _on_a_line(text: bytes) -> bytes:
    return text.replace(b"\n", b" ")


def _time(draw: Random) -> tuple[str, int | None]:
    """An RFC 3339 time of some seconds, and what it is in nanoseconds since 1970."""
    if draw.random() < 0.02:
        return draw.choice(_NO_TIMES), None
    digits, second = draw.randint(0, 9), _BASE_S + draw.randrange(4)
    fraction = draw.randrange(10**digits) if digits else 0
    zone = draw.choice(_ZONES)
    at = datetime.fromtimestamp(second, UTC).astimezone(timezone(timedelta(minutes=zone)))
    written = "Z" if zone == 0 and draw.random() < 0.8 else at.isoformat()[-6:]
    dot = f".{fraction:0{digits}}" if digits else ""
    return (
        f"{at:%Y-%m-%dT%H:%M:%S}{dot}{written}",
        second * 1_000_000_000 + fraction * 10 ** (9 - digits),
    )


def _json(draw: Random, value: object) -> bytes:
    separators = draw.choice(((",", ":"), (", ", ": ")))
    written = json.dumps(value, separators=separators, ensure_ascii=draw.random() < 0.5)
    return written.encode("utf-8", "backslashreplace")  # \udcXX is how JSON says half a pair, too


def _spoken(text: bytes) -> str:
    """The text as JSON can say it: all but bytes that are neither UTF-8 nor surrogates."""
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace")


def _heard(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _raw(draw: Random, text: bytes) -> Carried:
    text = _on_a_line(text)
    return _cri(draw, text) if _LIKE_A_HEADER.match(text) else _one(text, Message(text))


def _cri(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    stream, text = draw.choice(("stdout", "stderr")), _on_a_line(text)
    tag = draw.choice(("F", "F", "F", "F:x"))
    return _one(f"{time} {stream} {tag} ".encode() + text, Message(text, at, stream))


def _kubectl(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    text = _on_a_line(text)
    return _one(f"{time} ".encode() + text, Message(text, at))


def _prefixed(draw: Random, text: bytes) -> Carried:
    text = _on_a_line(text)
    prefix, container = draw.choice(
        (
            ("[pod/exec-7d9/main] ", "exec-7d9/main"),
            ("executor-1     | ", "executor-1"),
            ("9web_1 | ", "9web_1"),
        )
    )
    time, at = _time(draw) if draw.random() < 0.5 or _LIKE_A_HEADER.match(text) else ("", None)
    header = f"{prefix}{time}{' ' if time else ''}".encode()
    return _one(header + text, Message(text, at, container=container))


def _docker(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    said, stream = _spoken(text), draw.choice(("stdout", "stderr"))
    envelope = {"log": said + "\n", "stream": stream, "time": time}
    if draw.random() < 0.2:
        envelope["attrs"] = "x"
    return _one(_json(draw, envelope), Message(_heard(said), at, stream))


def _journald(draw: Random, text: bytes) -> Carried:
    micros, cursor = _BASE_S * 1_000_000 + draw.randrange(10**9), f"s={draw.getrandbits(64):016x}"
    message: object = list(text)
    if draw.random() < 0.7:
        message = _spoken(text)
        text = _heard(str(message))
    envelope = {
        "__CURSOR": cursor,
        "__REALTIME_TIMESTAMP": str(micros),
        "_SYSTEMD_UNIT": "executor.service",
        "MESSAGE": message,
    }
    return _one(_json(draw, envelope), Message(text, micros * 1000, None, "executor.service", cursor))


def _shipped(draw: Random, text: bytes) -> Carried:
    """As Fluent Bit and Vector ship it."""
    time, at = _time(draw)
    moment: object = time
    if draw.random() < 0.4:
        moment = _BASE_S * 1000 + draw.randrange(10_000)
        at = int(str(moment)) * 1_000_000
    said = _spoken(text)
    envelope = {
        draw.choice(("date", "timestamp", "@timestamp", "time")): moment,
        "_p": "F",
        "kubernetes": {"pod_name": "exec-7d9", "container_name": "main"},
        draw.choice(("log", "message", "msg")): said,
    }
    return _one(_json(draw, envelope), Message(_heard(said), at, None, "exec-7d9/main"))


def _otlp(draw: Random, text: bytes) -> Carried:
    return _otlp_export(draw, [text])


def _otlp_export(draw: Random, texts: list[bytes]) -> Carried:
    """Records of one resource."""
    records, messages = [], []
    for text in texts:
        nanos, uid = _BASE_S * 10**9 + draw.randrange(10**12), f"u{draw.getrandbits(64):016x}"
        said = _spoken(text)
        body: dict[str, object] = {"stringValue": said}
        if draw.random() < 0.3:
            body = {"bytesValue": base64.b64encode(text).decode("ascii")}
        else:
            text = _heard(said)
        names = _otlp_names({"log.record.uid": uid, "log.iostream": "stderr"})
        records.append({"timeUnixNano": str(nanos), "attributes": names, "body": body})
        messages.append(Message(text, nanos, "stderr", "lessons", uid))
    resource = {"attributes": _otlp_names({"service.name": "lessons"})}
    request = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}
    return Carried((_json(draw, request),), tuple(messages))


def _otlp_names(names: dict[str, str]) -> list[object]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in names.items()]


def cloudwatch(draw: Random, texts: list[bytes]) -> Carried:
    """Events of a log stream, in one object. Several of these may stand behind each other on a line."""
    events, messages = [], []
    for text in texts:
        said, millis = _spoken(text), _BASE_S * 1000 + draw.randrange(10**6)
        event = f"{draw.getrandbits(64):020d}"
        events.append({"id": event, "timestamp": millis, "message": said})
        messages.append(Message(_heard(said), millis * 10**6, None, "1234:/ecs/lessons:main", event))
    names = {"owner": "1234", "logGroup": "/ecs/lessons", "logStream": "main"}
    sent = {"messageType": "DATA_MESSAGE", **names, "logEvents": events}
    return Carried((_json(draw, sent),), tuple(messages))


def _syslog(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    text = _on_a_line(text)
    count = draw.choice(("", "", "123 "))
    data = draw.choice(("-", '[origin ip="10.0.0.1"]', '[a b="\\]"][c@1]'))
    header = f"{count}<14>1 {time} host executor 12 - {data} "
    return _one(header.encode() + text, Message(text, at, None, "executor"))


_CARRIERS: tuple[Callable[[Random, bytes], Carried], ...] = (
    *(_raw, _cri, _kubectl, _prefixed, _docker, _journald, _shipped, _otlp, _syslog),
)
_WEIGHTS = (4, 4, 2, 2, 2, 2, 2, 2, 2)
