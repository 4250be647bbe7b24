"""Records that could not be written when they happened: one JSON line each, appended and synced.

A narrowing never waits for its record. What the store cannot take goes here, and into the chain,
marked late, as soon as the store can be written again. If even this file cannot be written, the
control history and the file itself still tell what took effect.

A line that no record can be made of (cut short by a crash, or written by a foreign hand) stops
nothing: it is copied to `set-aside`, and the chain says so with its digest.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from gates.controls.durable import make_folder, opened, sync_folder, write_all
from gates.errors import InvalidEntry
from gates.store.port import Transaction
from gates.store.rows import AuditEntry

NAME = "late.jsonl"
SET_ASIDE = "set-aside"
_LAST_NS = 2**63 - 25 * 3600 * 10**9
"""The store holds 64 bits, and what is owed is due a day after."""


@dataclass(frozen=True, slots=True)
class LateRecord:
    """An audit entry to be, and the controls document that took effect with it, or null."""

    entry: AuditEntry
    document: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Merged:
    """All records that the file holds, and those among them that came into the chain now.

    `set_aside` counts the lines that were found now to be no record.
    """

    records: tuple[LateRecord, ...]
    new: tuple[LateRecord, ...]
    set_aside: int = 0


class LateFile:
    """The file `late.jsonl` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def spool(self, record: LateRecord) -> None:
        """Keep a record until the store can take it. Raises `OSError`."""
        line = {"entry": asdict(record.entry), "document": record.document}
        _append(self._path, json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def merge(self, tx: Transaction, now_ns: int) -> "Merged":
        """Chain what is not in the chain yet, each marked late; set aside what is no record."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return Merged((), ())
        data = data[: data.rfind(b"\n") + 1]  # somebody may be writing the line after it
        known = tx.audit.merged_late(NAME)
        records, new = [], []
        start = aside = 0
        for line in data.splitlines(keepends=True):
            start += len(line)
            record = _parsed(line)
            if record is None:
                if start > known and line.strip():
                    aside += 1
                    self._set_aside(line)
                    tx.audit.append(_note(line, now_ns))
                continue
            records.append(record)
            if start > known:
                new.append(record)
                tx.audit.append(replace(record.entry, late=True, recorded_at_ns=now_ns))
        if len(data) > known:
            tx.audit.mark_late(NAME, len(data))
        return Merged(tuple(records), tuple(new), aside)

    def _set_aside(self, line: bytes) -> None:
        path = self._path.with_name(SET_ASIDE)
        with suppress(OSError):  # the line itself stays where it is, and the chain names it
            if not path.exists() or line not in path.read_bytes().splitlines(keepends=True):
                _append(path, line)


def _append(path: Path, data: bytes) -> None:
    make_folder(path.parent)
    is_new = not path.exists()
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW) as descriptor:
        size = os.fstat(descriptor).st_size
        try:
            # A line that a crash cut short ends here, so that it spoils no other.
            write_all(descriptor, (b"\n" if size else b"") + data)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
    if is_new:
        sync_folder(path.parent)


def _note(line: bytes, now_ns: int) -> AuditEntry:
    return AuditEntry(
        time_ns=now_ns,
        actor="system|reconcile",
        roles=(),
        action="late record set aside",
        target=NAME,
        after={"digest": f"sha256:{sha256(line).hexdigest()}", "bytes": len(line)},
        late=True,
        recorded_at_ns=now_ns,
    )


def _parsed(line: bytes) -> LateRecord | None:
    """The record of a line, or None where none can be chained."""
    try:
        value = json.loads(line)
        entry = value["entry"]
        for name in ("roles", "reason_codes"):
            entry[name] = tuple(entry[name])
        record = LateRecord(AuditEntry(**entry), value["document"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return record if _is_recordable(record.entry) else None


def _is_recordable(entry: AuditEntry) -> bool:
    from gates.store.audit.chain import linked  # a kill needs no chain, and starts without its imports

    typed: list[object] = [entry.actor, entry.action, entry.target, *entry.roles, *entry.reason_codes]
    typed += [
        text
        for text in (entry.reason, entry.request_id, entry.outcome, entry.mode, entry.environment)
        if text is not None
    ]
    time_ns: object = entry.time_ns
    if not all(isinstance(text, str) for text in typed) or type(time_ns) is not int:
        return False
    if not 0 <= time_ns <= _LAST_NS:
        return False
    try:
        entry.actor.encode()
        linked(replace(entry, recorded_at_ns=None), None)
    except (InvalidEntry, ValueError):
        return False
    return True
