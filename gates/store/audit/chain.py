"""The hash chain, pure: RFC 8785 canonical JSON, leaf = SHA-256(0x00 ‖ canonical record) as in RFC 6962.

Each record holds `prev`, the leaf of the one before (64 zeros in the first), and `seq`, counted from 1.
"""

import json
from hashlib import sha256
from typing import Any

import rfc8785

from gates.controls.instant import timestamp
from gates.errors import InvalidEntry
from gates.store.rows import AuditEntry, AuditRecord

FIRST_PREV = "0" * 64
VERSION = 1
_LEAF = b"\x00"


def linked(entry: AuditEntry, tail: AuditRecord | None) -> AuditRecord:
    """The record of `entry` after `tail`, which is None before the first. Raises `InvalidEntry`."""
    seq = 1 if tail is None else tail.seq + 1
    prev = FIRST_PREV if tail is None else tail.leaf
    body = canonical({"v": VERSION, "seq": seq, "prev": prev, **_said(entry)})
    return AuditRecord(seq, body, leaf_of(body))


def canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785 bytes. Raises `InvalidEntry` for what JSON cannot hold: NaN, integers beyond 2^53, …"""
    try:
        body = rfc8785.dumps(value)
        # A float of 2^53 and more is written like an integer, which no reader gets back exactly.
        rfc8785.dumps(json.loads(body))
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, ValueError) as error:
        raise InvalidEntry(f"the audit entry has no canonical form: {error}; correct its values") from error
    return body


def leaf_of(body: bytes) -> str:
    """The leaf hash, in hex, of a record in canonical form."""
    return sha256(_LEAF + body).hexdigest()


def _said(entry: AuditEntry) -> dict[str, Any]:
    recorded = entry.recorded_at_ns
    return {
        "time": timestamp(entry.time_ns),
        "actor": _text(entry.actor),
        "roles": sorted(entry.roles),
        "action": _text(entry.action),
        "target": _text(entry.target),
        "before": entry.before,
        "after": entry.after,
        "reason": _text(entry.reason),
        "request_id": _text(entry.request_id),
        "outcome": entry.outcome,
        "mode": entry.mode,
        "reason_codes": list(entry.reason_codes),
        "environment": _text(entry.environment),
        "late": entry.late,
        "recorded_at": None if recorded is None else timestamp(recorded),
    }


def _text(typed: str | None) -> str | None:
    # Arguments of a shell may hold bytes that are no UTF-8; they must not keep a record out.
    return None if typed is None else typed.encode("utf-8", "replace").decode("utf-8")
