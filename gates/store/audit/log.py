"""The audit chain in the store."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, CursorResult, Select, insert, select, update

from gates.store.audit.chain import linked
from gates.store.rows import AuditEntry, AuditRecord, CheckpointRow
from gates.store.tables import audit_checkpoint, audit_late_file, audit_record

_ROWS_AT_ONCE = 1000


class SqlAudit:
    """See `gates.store.port.Audit`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._being_read: set[CursorResult[Any]] = set()

    def end(self) -> None:
        """End what is still being read: a reader may stop early, and a server keeps a cursor open for it."""
        while self._being_read:
            self._being_read.pop().close()

    def append(self, entry: AuditEntry) -> AuditRecord:
        """Linked to the tail; the write transaction keeps everyone else from linking to it too."""
        record = linked(entry, self.tail())
        self._connection.execute(
            insert(audit_record).values(seq=record.seq, body=record.body, leaf=record.leaf)
        )
        return record

    def tail(self) -> AuditRecord | None:
        """The greatest number."""
        return next(self._rows(select(audit_record).order_by(audit_record.c.seq.desc()).limit(1)), None)

    def get(self, seq: int) -> AuditRecord | None:
        """The one of that number."""
        return next(self._rows(select(audit_record).where(audit_record.c.seq == seq)), None)

    def iterate(self, from_seq: int = 1) -> Iterator[AuditRecord]:
        """Oldest first, a bounded number in memory. From 1 also gives those below it, which nobody wrote."""
        query = select(audit_record).order_by(audit_record.c.seq)
        yield from self._rows(query if from_seq <= 1 else query.where(audit_record.c.seq >= from_seq))

    def backwards(self, below: int | None = None) -> Iterator[AuditRecord]:
        """Newest first, a bounded number in memory; from the key on, wherever that is."""
        query = select(audit_record).order_by(audit_record.c.seq.desc())
        yield from self._rows(query if below is None else query.where(audit_record.c.seq < below))

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """One a size: the same chain gives the same root."""
        known = select(audit_checkpoint.c.size).where(audit_checkpoint.c.size == row.size)
        if self._connection.execute(known).first() is None:
            self._connection.execute(
                insert(audit_checkpoint).values(size=row.size, root=row.root, note=row.note, at_ns=row.at_ns)
            )

    def checkpoints(self) -> tuple[CheckpointRow, ...]:
        """By size."""
        found = self._connection.execute(select(audit_checkpoint).order_by(audit_checkpoint.c.size))
        return tuple(
            CheckpointRow(size=row.size, root=row.root, note=row.note, at_ns=row.at_ns) for row in found
        )

    def merged_late(self, name: str) -> int:
        """0 for a file never seen."""
        size = self._connection.execute(
            select(audit_late_file.c.size).where(audit_late_file.c.name == name)
        ).scalar_one_or_none()
        return 0 if size is None else size

    def mark_late(self, name: str, size: int) -> None:
        """Set or replace."""
        mine = audit_late_file.c.name == name
        changed = self._connection.execute(update(audit_late_file).where(mine).values(size=size))
        if changed.rowcount == 0:
            self._connection.execute(insert(audit_late_file).values(name=name, size=size))

    def _rows(self, query: Select[Any]) -> Iterator[AuditRecord]:
        result = self._connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
        self._being_read.add(result)
        try:
            for chunk in result.partitions():
                for seq, body, leaf in chunk:
                    yield AuditRecord(seq, body, leaf)
        finally:
            self._being_read.discard(result)
            result.close()
