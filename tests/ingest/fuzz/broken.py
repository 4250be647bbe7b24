"""Telemetry as it may arrive: valid lines of both versions, broken in every way that somebody thought of.

`random.Random` instead of Hypothesis: a million lines in minutes, each from the seed alone.
"""

import json
from collections.abc import Callable
from random import Random

from tests.ingest.fuzz.edges import AROUND, BYTES, KEYS, NUMBERS, STRINGS, TIMES

Members = list[list[str]]
"""The texts of keys and values of an object, in order."""

_CODES = ("KILL_SWITCH", "NOT_ALLOWLISTED", "ROLLOUT_EXCLUDED", "OPENAI_HTTP_ERROR", "X")
_GATES = ("controls", "kill_switch", "feature_flag", "job_opt_in", "allowlist", "rollout")


def text(draw: Random) -> bytes:
    """What a program may have written up to a newline: mostly one record, whole or broken."""
    chance = draw.random()
    if chance < 0.62:
        return record(draw)
    if chance < 0.82:
        return _around(draw) + record(draw) + (_around(draw) if draw.random() < 0.4 else b"")
    if chance < 0.90:
        between = draw.choice((b"", b"", b" ", b",", b"\t", b"}{"))
        return between.join(record(draw) for _ in range(draw.randint(2, 4)))
    if chance < 0.94:
        return _inside(draw, record(draw))
    if chance < 0.97:
        whole = record(draw)
        cut = whole[: draw.randrange(len(whole) + 1)]
        return draw.choice((cut, whole[len(cut) :], cut + record(draw), cut + _around(draw) + record(draw)))
    return b"".join(_around(draw) for _ in range(draw.randint(0, 3)))


def emitted(draw: Random) -> bytes:
    """A record as executors write it; every second one with a single thing changed, or text before it."""
    members = _members(draw)
    chance = draw.random()
    if chance < 0.1:
        draw.choice(_MEMBERWISE)(draw, members)
    comma, colon = draw.choice(((",", ":"), (",", ":"), (", ", ": ")))
    raw = b"{%b}" % comma.join(f"{key}{colon}{value}" for key, value in members).encode(*_BYTES_MEANT)
    if 0.1 <= chance < 0.4:
        raw = bytes_changed(draw, raw)
    return _around(draw) + raw if 0.35 <= chance < 0.55 else raw


def record(draw: Random) -> bytes:
    """A valid record, or one with some things wrong."""
    members = _members(draw)
    compact = draw.random() < 0.7
    comma, colon, pad = (",", ":", "") if compact else draw.choice(_SPACED)
    for _ in range(draw.choices((0, 1, 2, 3), (45, 35, 15, 5))[0]):
        draw.choice(_MEMBERWISE)(draw, members)
    body = comma.join(f"{key}{colon}{value}" for key, value in members)
    raw = f"{{{pad}{body}{pad}}}".encode(*_BYTES_MEANT)
    for _ in range(draw.choices((0, 1, 2, 4), (60, 28, 8, 4))[0]):
        raw = bytes_changed(draw, raw)
    return raw


def bytes_changed(draw: Random, raw: bytes) -> bytes:
    """With a few bytes flipped, exchanged, dropped, doubled or put in."""
    return draw.choice(_BYTEWISE)(draw, raw)


_BYTES_MEANT = ("utf-8", "surrogateescape")
_SPACED = ((", ", ": ", ""), (", ", ": ", " "), (" ,", ":", ""), (",", " :", ""), ("\t,\r\n", ":\n", "\n"))


def _members(draw: Random) -> Members:
    path = draw.choice(("stub", "openai"))
    members = [
        ['"version"', '"v1"'],
        ['"executorVersion"', '"openai.v1"'],
        ['"jobId"', f'"job-{draw.randrange(10**9)}"'],
        ['"path"', f'"{path}"'],
        ['"status"', f'"{draw.choice(("STUB", "COMPLETED", "FAILED"))}"'],
        ['"latencyMs"', _latency(draw)],
    ]
    if draw.random() < 0.9:
        code = draw.choice((*_CODES, None))
        members.append(['"errorCode"', "null" if code is None else f'"{code}"'])
    if draw.random() < 0.35:
        members[0][1] = '"v2"'
        members += _claims(draw)
    return members


def _latency(draw: Random) -> str:
    match draw.randrange(3):
        case 0:
            return str(draw.randrange(10 ** draw.randint(1, 10)))
        case 1:
            return repr(round(draw.uniform(0, 30_000), draw.randint(1, 7)))
        case _:
            return repr(draw.uniform(0, 10 ** draw.randint(0, 20)))


def _claims(draw: Random) -> Members:
    def perhaps(value: object) -> str:
        return "null" if draw.random() < 0.4 else json.dumps(value)

    tokens = {key: draw.randrange(10**6) for key in ("inputTokens", "outputTokens", "totalTokens")}
    usage = json.dumps(tokens, separators=draw.choice(((",", ":"), (", ", ": "))))
    return [
        ['"emittedAt"', f'"{draw.choice(TIMES)}"'],
        ['"controlsRevision"', perhaps(draw.randrange(1000))],
        ['"gate"', perhaps(draw.choice(_GATES))],
        ['"ruleId"', perhaps("biology")],
        ['"bucket"', str(draw.randrange(100))],
        ['"attempt"', str(draw.randrange(4))],
        ['"model"', perhaps("gpt-4.1")],
        ['"usage"', "null" if draw.random() < 0.4 else usage],
        ['"requestId"', perhaps("req_1")],
    ]


def _rename(draw: Random, members: Members) -> None:
    draw.choice(members)[0] = draw.choice(KEYS)


def _number(draw: Random, members: Members) -> None:
    named = [one for one in members if one[0] in _NUMBERED] or members
    draw.choice(named)[1] = draw.choice(NUMBERS)


_NUMBERED = frozenset({'"latencyMs"', '"bucket"', '"attempt"', '"controlsRevision"'})


def _value(draw: Random, members: Members) -> None:
    draw.choice(members)[1] = draw.choice(STRINGS if draw.random() < 0.7 else NUMBERS)


def _tokens(draw: Random, members: Members) -> None:
    for member in members:
        if member[0] == '"usage"':
            values = [draw.choice(NUMBERS) if draw.random() < 0.4 else "7" for _ in range(3)]
            member[1] = '{{"inputTokens":{},"outputTokens":{},"totalTokens":{}}}'.format(*values)


def _double(draw: Random, members: Members) -> None:
    key, value = draw.choice(members)
    if draw.random() < 0.3:
        value = draw.choice(STRINGS)
    members.insert(draw.randint(0, len(members)), [key, value])


def _move(draw: Random, members: Members) -> None:
    members.insert(draw.randrange(len(members)), members.pop(draw.randrange(len(members))))


def _drop(draw: Random, members: Members) -> None:
    if len(members) > 1:
        del members[draw.randrange(len(members))]


def _add(draw: Random, members: Members) -> None:
    value = draw.choice(STRINGS if draw.random() < 0.5 else NUMBERS)
    members.insert(draw.randint(0, len(members)), [draw.choice(KEYS), value])


def _nest(draw: Random, members: Members) -> None:
    deep = draw.choice((1, 2, 60, 62, 63, 64, 65, 200))
    member = draw.choice(members)
    opening, closing = draw.choice((("[", "]"), ('{"a":', "}"), ('{"jobId":', "}")))
    member[1] = opening * deep + member[1] + closing * draw.choice((deep, deep, deep - 1, 0))


_MEMBERWISE: tuple[Callable[[Random, Members], None], ...] = (
    *(_rename, _number, _number, _value, _value, _value, _tokens, _double, _move, _move, _drop, _add, _nest),
)


def _place(draw: Random, raw: bytes) -> int:
    return draw.randint(0, len(raw))


def _flip(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + bytes(one ^ 1 << draw.randrange(8) for one in raw[at : at + 1]) + raw[at + 1 :]


def _exchange(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + draw.choice(BYTES) + raw[at + draw.randint(0, 2) :]


def _cut_out(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + raw[at + draw.choice((1, 1, 1, 2, 8, 40)) :]


def _repeat(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    end = at + draw.choice((1, 1, 1, 2, 8, 40))
    return raw[:end] + raw[at:end] + raw[end:]


def _swap(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + raw[at : at + 2][::-1] + raw[at + 2 :]


def _space(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] + draw.choice((b" ", b" ", b"\t", b"\r", b"\n")) + raw[at:]


def _end(draw: Random, raw: bytes) -> bytes:
    at = _place(draw, raw)
    return raw[:at] if draw.random() < 0.5 else raw[at:]


_BYTEWISE: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(_flip, _flip, _exchange, _exchange, _cut_out, _cut_out, _repeat, _swap, _space, _end),
)


def _around(draw: Random) -> bytes:
    return draw.choice(AROUND)


def _inside(draw: Random, raw: bytes) -> bytes:
    """In other JSON, in a list, or quoted in a string."""
    quoted = json.dumps(raw.decode("utf-8", "replace")).encode()
    return draw.choice(
        (
            b'{"log_of":' + raw + b"}",
            b'{"a":[' + raw + b"," + raw + b'],"b":{"c":' + raw + b"}}",
            b"[" + raw + b"," + raw + b"]",
            b'{"detail":' + quoted + b"}",
            quoted,
            b'{"a":{"b":' + raw,
            raw[:-1] + b',"x":' + raw + b"}",
        )
    )
