"""A text as each transport carries it, with what a reader must find of its time, stream and container."""

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
class Carried:
    """The physical lines of one message, without newlines, and what they carry."""

    lines: tuple[bytes, ...]
    text: bytes
    time_ns: int | None = None
    stream: str | None = None
    container: str | None = None
    native_id: str | None = None


def carried(draw: Random, text: bytes) -> Carried:
    """The text by any transport that can carry it."""
    found = draw.choices(_CARRIERS, _WEIGHTS)[0](draw, text)
    if draw.random() < 0.02:
        return Carried((b"\xef\xbb\xbf" + found.lines[0], *found.lines[1:]), *_rest(found))
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
        text, pieces = _on_a_line(text), [_on_a_line(piece) for piece in pieces]
        tags = ["P"] * len(cuts) + ["F"]
        lines = [
            f"{time} {stream} {tag} ".encode() + piece
            for piece, tag, (time, _) in zip(pieces, tags, times, strict=True)
        ]
    return Carried(tuple(lines), text, times[0][1], stream)


def _rest(found: Carried) -> tuple[bytes, int | None, str | None, str | None, str | None]:
    return found.text, found.time_ns, found.stream, found.container, found.native_id


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
    return _cri(draw, text) if _LIKE_A_HEADER.match(text) else Carried((text,), text)


def _cri(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    stream, text = draw.choice(("stdout", "stderr")), _on_a_line(text)
    tag = draw.choice(("F", "F", "F", "F:x"))
    return Carried((f"{time} {stream} {tag} ".encode() + text,), text, at, stream)


def _kubectl(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    text = _on_a_line(text)
    return Carried((f"{time} ".encode() + text,), text, at)


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
    return Carried((f"{prefix}{time}{' ' if time else ''}".encode() + text,), text, at, container=container)


def _docker(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    said, stream = _spoken(text), draw.choice(("stdout", "stderr"))
    envelope = {"log": said + "\n", "stream": stream, "time": time}
    if draw.random() < 0.2:
        envelope["attrs"] = "x"
    return Carried((_json(draw, envelope),), _heard(said), at, stream)


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
    return Carried((_json(draw, envelope),), text, micros * 1000, None, "executor.service", cursor)


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
    return Carried((_json(draw, envelope),), _heard(said), at, None, "exec-7d9/main")


def _otlp(draw: Random, text: bytes) -> Carried:
    nanos, uid = _BASE_S * 10**9 + draw.randrange(10**12), f"u{draw.getrandbits(64):016x}"
    said = _spoken(text)
    body: dict[str, object] = {"stringValue": said}
    if draw.random() < 0.3:
        body = {"bytesValue": base64.b64encode(text).decode("ascii")}
    else:
        text = _heard(said)
    names = {"log.record.uid": uid, "log.iostream": "stderr"}
    record = {
        "timeUnixNano": str(nanos),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in names.items()],
        "body": body,
    }
    service = {"key": "service.name", "value": {"stringValue": "lessons"}}
    request = {"resource": {"attributes": [service]}, "scopeLogs": [{"logRecords": [record]}]}
    return Carried((_json(draw, {"resourceLogs": [request]}),), text, nanos, "stderr", "lessons", uid)


def _syslog(draw: Random, text: bytes) -> Carried:
    time, at = _time(draw)
    text = _on_a_line(text)
    count = draw.choice(("", "", "123 "))
    data = draw.choice(("-", '[origin ip="10.0.0.1"]', '[a b="\\]"][c@1]'))
    header = f"{count}<14>1 {time} host executor 12 - {data} "
    return Carried((header.encode() + text,), text, at, None, "executor")


_CARRIERS: tuple[Callable[[Random, bytes], Carried], ...] = (
    *(_raw, _cri, _kubectl, _prefixed, _docker, _journald, _shipped, _otlp, _syslog),
)
_WEIGHTS = (4, 4, 2, 2, 2, 2, 2, 2, 2)
