"""Lines that are one JSON object around the message.

    docker json-file    {"log","stream","time"[,"attrs"]}; a `log` without its final newline is a piece
    journald            {"MESSAGE": text or bytes, "__REALTIME_TIMESTAMP": µs as text, "__CURSOR"}
    Fluent Bit, Vector  a text log|message|msg with one of time|timestamp|@timestamp|date (or stream, or `_p`)

https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html names journald's fields;
`_LINE_BREAK=line-max` marks a piece, as `partial_message` does with docker's fluentd driver, `_p` with
Fluent Bit's CRI parser and `_partial` with Vector.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ingest.contract.validate import DEPTH_LIMIT, depth
from ingest.timestamps import exact, from_digits, from_value, whole
from ingest.transports import timestamped
from ingest.transports.message import Message

# A telemetry line is a JSON object too. With this many of its own keys an object is one, or a broken one.
TELEMETRY_KEYS = frozenset({"executorVersion", "jobId", "path", "status", "latencyMs", "errorCode"})
SHAPED = 3

_NAME_LIMIT = 512
_DOCKER_KEYS = frozenset({"log", "stream", "time", "attrs"})
_MESSAGE_KEYS = ("log", "message", "msg")
_TIME_KEYS = ("time", "timestamp", "@timestamp", "date")
_MAY_BE = re.compile(rb'"(?:log|message|msg|MESSAGE)"[ \t]*+:')
_BEGINS_LIKE = re.compile(
    rb'\{[ \t]*+"(?:log|message|msg|MESSAGE|stream|time|timestamp|@timestamp|date|_p|__CURSOR'
    rb'|__REALTIME_TIMESTAMP|__MONOTONIC_TIMESTAMP)"[ \t]*+:'
)


def parse(line: bytes) -> Message | None:
    """The message inside, or the whole line as `damaged` when it only begins like an envelope."""
    if _MAY_BE.search(line) is None:
        return None
    envelope = one_object(line)
    if envelope is None:
        return Message(line, damaged=True) if _BEGINS_LIKE.match(line) else None
    if len(TELEMETRY_KEYS & envelope.keys()) >= SHAPED:
        return None
    if "MESSAGE" in envelope:
        return _journald(envelope)
    if "log" in envelope and "time" in envelope and "stream" in envelope and envelope.keys() <= _DOCKER_KEYS:
        return _docker(envelope)
    return shipped(envelope)


def _journald(envelope: Mapping[str, Any]) -> Message | None:
    text = _bytes(envelope["MESSAGE"])
    if text is None or "__REALTIME_TIMESTAMP" not in envelope:
        return None
    time = envelope["__REALTIME_TIMESTAMP"]
    cut = envelope.get("_LINE_BREAK") == "line-max" or envelope.get("CONTAINER_PARTIAL_MESSAGE") == "true"
    return Message(
        text,
        from_digits(time, 1_000) if isinstance(time, str) else None,
        container=first_text(envelope, "CONTAINER_NAME", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER"),
        native_id=first_text(envelope, "__CURSOR"),
        partial=cut,
    )


def _docker(envelope: Mapping[str, Any]) -> Message | None:
    text = _bytes(envelope["log"])
    if text is None:
        return None
    return Message(
        text.removesuffix(b"\n"),
        from_value(envelope["time"]),
        first_text(envelope, "stream"),
        partial=not text.endswith(b"\n"),
    )


def shipped(envelope: Mapping[str, Any]) -> Message | None:
    """The message of a log shipper's record; None where it is none."""
    text = next((t for key in _MESSAGE_KEYS if (t := _bytes(envelope.get(key))) is not None), None)
    time_key = next((key for key in _TIME_KEYS if key in envelope), None)
    stream = first_text(envelope, "stream", "source")
    if text is None or (time_key is None and "_p" not in envelope and stream not in ("stdout", "stderr")):
        return None
    # A shipper that tails CRI files without its CRI parser sends their lines as they stand.
    inner = timestamped.parse(text.removesuffix(b"\n"), _container(envelope))
    if inner is not None and inner.stream is not None:
        return inner
    return Message(
        text.removesuffix(b"\n"),
        None if time_key is None else from_value(envelope[time_key]),
        stream if stream in ("stdout", "stderr") else None,
        _container(envelope),
        partial=_is_piece(envelope),
    )


def _is_piece(envelope: Mapping[str, Any]) -> bool:
    if str(envelope.get("partial_message", "")).lower() == "true":
        return str(envelope.get("partial_last", "")).lower() != "true"
    return envelope.get("_p") == "P" or envelope.get("_partial") is True


def _container(envelope: Mapping[str, Any]) -> str | None:
    kubernetes = envelope.get("kubernetes")
    if isinstance(kubernetes, dict):
        pod, container = (first_text(kubernetes, key) for key in ("pod_name", "container_name"))
        if pod and container:
            return f"{pod}/{container}"
    return first_text(envelope, "container_name", "container_id", "container")


def first_text(envelope: Mapping[str, Any], *keys: str) -> str | None:
    """The first of `keys` that holds a name."""
    for key in keys:
        value = envelope.get(key)
        if isinstance(value, str) and 0 < len(value) <= _NAME_LIMIT:
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return None


def _bytes(value: object) -> bytes | None:
    """A message as it was written; journald gives text that is not UTF-8 as a list of its bytes."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError):
            return None
    return None


class _TwoReadings(ValueError):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    envelope = dict(pairs)
    if len(envelope) != len(pairs):
        raise _TwoReadings
    return envelope


_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_float=exact, parse_int=whole)


def one_object(line: bytes) -> dict[str, Any] | None:
    """The one JSON object that a line is; None when it is none, or one that can be read in two ways."""
    if depth(line) > DEPTH_LIMIT:
        return None
    try:
        value = _DECODER.decode(line.decode("utf-8"))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
