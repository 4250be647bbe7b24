"""A generated log like those of the field, with the truth about it.

The mix, in logical lines: 83.5 % canonical records, 10 % noise (warnings, traces, HTML), 4 % records glued
to the end of an error body of several lines, 0.5 % records cut in two pieces (CRI only, else canonical),
1 % records with escapes or beyond ASCII, 0.5 % invalid records, 0.5 % schema-valid but impossible ones.
With transport "both", stretches of CRI and of raw lines take turns. With v2, records say what executors add
to v1, half of them with usage.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Transport = Literal["cri", "raw", "both"]
Version = Literal["v1", "v2"]
NOISE = (
    "Missing OPENAI_API_KEY: set it and run again",
    "    at Object.<anonymous> (/srv/executor/run.js:214:11)",
    "(node:4242) Warning: Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable is insecure",
    "<html><head><title>502 Bad Gateway</title></head>",
    "",
    '  "type": "server_error",',
    "schema validation failed: /jobs/0/slotId must be string",
)
BODY = ("OpenAI answered 500: {", '  "error": {', '    "message": "The server had an error",')
GATES = {"KILL_SWITCH": "kill_switch", "NOT_ALLOWLISTED": "allowlist", "ROLLOUT_EXCLUDED": "rollout"}
STUB_CODES = tuple(GATES)
FAILURES = ("OPENAI_HTTP_ERROR", "OPENAI_NON_JSON_RESPONSE", "OPENAI_REQUEST_FAILED")
_STRETCH = 1_000


@dataclass
class Truth:
    """What a correct reader finds."""

    lines: int = 0
    accepted: int = 0
    quarantined: int = 0


def record(draw: random.Random, number: int, version: Version = "v1") -> dict[str, object]:
    """A record that is valid and possible."""
    value = _v1(draw, number)
    return value if version == "v1" else value | _beyond_v1(draw, number, value)


def _beyond_v1(draw: random.Random, number: int, value: dict[str, object]) -> dict[str, object]:
    is_stub = value["path"] == "stub"
    told = {"inputTokens": 400 + number % 97, "outputTokens": 96, "totalTokens": 496 + number % 97}
    return {
        "version": "v2",
        "emittedAt": _time(number),
        "controlsRevision": 12,
        "gate": GATES[str(value["errorCode"])] if is_stub else None,
        "ruleId": None if is_stub else "biology",
        "bucket": number % 100,
        "attempt": 0 if is_stub else 1,
        "model": None if is_stub else "gpt-4.1",
        "usage": None if is_stub or draw.random() < 0.5 else told,
        "requestId": None if is_stub else f"req_{number:08x}",
    }


def _v1(draw: random.Random, number: int) -> dict[str, object]:
    chance = draw.random()
    if chance < 0.7:
        path, status, code = "stub", "STUB", draw.choice(STUB_CODES)
        latency: float = draw.randint(90, 400)
    elif chance < 0.95:
        path, status, code, latency = "openai", "COMPLETED", None, draw.randint(200, 9_000)
    else:
        path, status, code = "openai", "FAILED", draw.choice(FAILURES)
        latency = round(draw.uniform(100, 30_000), 3)
    return {
        "version": "v1",
        "executorVersion": "openai.v1",
        "jobId": f"job-{number:08d}",
        "path": path,
        "status": status,
        "latencyMs": latency,
        "errorCode": code,
    }


def compact(value: dict[str, object]) -> str:
    """As JavaScript writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def mixed_lines(
    count: int, transport: Transport, truth: Truth, seed: int = 1, version: Version = "v1"
) -> Iterator[str]:
    """About `count` physical lines, without newlines; `truth` is filled on the way."""
    draw = random.Random(seed)
    number = 0
    while truth.lines < count:
        number += 1
        is_cri = transport == "cri" or (transport == "both" and number // _STRETCH % 2 == 0)
        for tag, text in _logical(draw, number, is_cri, truth, version):
            truth.lines += 1
            yield f"{_time(number)} stderr {tag} {text}" if is_cri else text


def valid_lines(count: int, seed: int = 1, version: Version = "v1") -> Iterator[str]:
    """About as many valid records, one a line, as `count` mixed lines hold."""
    draw = random.Random(seed)
    return (compact(record(draw, number, version)) for number in range(count * 78 // 100))


def _time(number: int) -> str:
    seconds, micros = divmod(number * 12_345, 1_000_000)
    minute, second = divmod(seconds, 60)
    hour, minute = divmod(minute, 60)
    day, hour = divmod(hour, 24)
    return f"2026-09-{day + 1:02d}T{hour:02d}:{minute:02d}:{second:02d}.{micros:06d}Z"


def _logical(
    draw: random.Random, number: int, is_cri: bool, truth: Truth, version: Version
) -> list[tuple[str, str]]:
    chance = draw.random()
    value = record(draw, number, version)
    if chance < 0.10:
        return [("F", draw.choice(NOISE))]
    if chance < 0.105:
        truth.quarantined += 1
        return [("F", compact(value | draw.choice(({"latencyMs": -1}, {"path": "gpt"}, {"extra": 1}))))]
    truth.accepted += 1
    if chance < 0.11:
        value |= {"path": "stub", "status": "COMPLETED"}
    elif chance < 0.12:
        value |= {"jobId": draw.choice((f'quote"{number}', f"日本語-{number}", f"emoji-😀-{number}"))}
    elif chance < 0.125 and is_cri:
        text = compact(value)
        cut = draw.randint(1, len(text) - 1)
        return [("P", text[:cut]), ("F", text[cut:])]
    elif 0.13 <= chance < 0.17:
        return [*(("F", line) for line in BODY), ("F", '    "type": "server_error"}}' + compact(value))]
    return [("F", compact(value))]
