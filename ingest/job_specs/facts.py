# ruff: noqa: N815 -- fields are named as in the document
"""Read what runs told of their job specs: `job-facts.v1`, strictly (docs/file-formats.md)."""

from typing import Literal

import msgspec

from schemas import strict_json
from schemas.errors import ContractError
from schemas.instant import epoch_ns

_KEYS_AND_STRINGS = 17
_OF_A_SLOT = 4


class _Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slotId: str
    kind: str


class _Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    level: str
    board: str
    specVersion: str


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal["job-facts.v1"]
    at: str
    jobId: str
    allowAI: bool
    appliesTo: _Scope
    jobs: list[_Slot]


class Facts(msgspec.Struct, frozen=True):
    """One run's facts. `shape` is canonical JSON of what an allowlist looks at; `at_ns` since the epoch."""

    job_id: str
    opted_in: bool
    shape: str
    at_ns: int


_DECODE = msgspec.json.Decoder(_Line).decode
_ENCODE = msgspec.json.Encoder().encode


def read_facts(line: bytes) -> Facts | None:
    """The facts in a line, or None when it is anything but a valid `job-facts.v1`. Never raises."""
    try:
        found = _DECODE(line)
        # Every key is there; without escapes, more quotes than keys and strings have mean one twice.
        plain = line.isascii() and b"\\" not in line
        if not plain or line.count(b'"') != 2 * (_KEYS_AND_STRINGS + _OF_A_SLOT * len(found.jobs)):
            found = msgspec.convert(strict_json.loads(line), _Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ContractError):
        return None
    at_ns = epoch_ns(found.at)
    if not found.jobId or not found.jobs or at_ns is None or not -(2**62) < at_ns < 2**62:
        return None
    scope = found.appliesTo
    shape = {
        "board": scope.board,
        "jobs": [{"kind": slot.kind, "slotId": slot.slotId} for slot in found.jobs],
        "level": scope.level,
        "specVersion": scope.specVersion,
        "subject": scope.subject,
    }
    return Facts(found.jobId, found.allowAI, _ENCODE(shape).decode(), at_ns)
