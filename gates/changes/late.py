"""Records that could not be written when they happened: one JSON line each, appended and synced.

A narrowing never waits for its record. What the store cannot take goes here, and into the chain,
marked late, as soon as the store can be written again. If even this file cannot be written, the
control history and the file itself still tell what took effect.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gates.controls.durable import make_folder, opened, sync_folder, write_all
from gates.store.port import Transaction
from gates.store.rows import AuditEntry

NAME = "late.jsonl"


@dataclass(frozen=True, slots=True)
class LateRecord:
    """An audit entry to be, and the controls document that took effect with it, or null."""

    entry: AuditEntry
    document: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Merged:
    """All records that the file holds, and those among them that came into the chain now."""

    records: tuple[LateRecord, ...]
    new: tuple[LateRecord, ...]


class LateFile:
    """The file `late.jsonl` in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def spool(self, record: LateRecord) -> None:
        """Keep a record until the store can take it. Raises `OSError`."""
        line = {"entry": asdict(record.entry), "document": record.document}
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        make_folder(self._path.parent)
        is_new = not self._path.exists()
        with opened(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW) as descriptor:
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
            sync_folder(self._path.parent)

    def merge(self, tx: Transaction, now_ns: int) -> "Merged":
        """Chain what is not in the chain yet, each marked late."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return Merged((), ())
        data = data[: data.rfind(b"\n") + 1]  # somebody may be writing the line after it
        known = tx.audit.merged_late(NAME)
        records, new = [], []
        start = 0
        for line in data.splitlines(keepends=True):
            start += len(line)
            record = _parsed(line)
            if record is None:
                continue
            records.append(record)
            if start > known:
                new.append(record)
                tx.audit.append(replace(record.entry, late=True, recorded_at_ns=now_ns))
        if len(data) > known:
            tx.audit.mark_late(NAME, len(data))
        return Merged(tuple(records), tuple(new))


def _parsed(line: bytes) -> LateRecord | None:
    try:
        value = json.loads(line)
        entry = value["entry"]
        for name in ("roles", "reason_codes"):
            entry[name] = tuple(entry[name])
        return LateRecord(AuditEntry(**entry), value["document"])
    except (ValueError, TypeError, KeyError):
        return None
