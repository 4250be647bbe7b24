"""Approvals, and the frozen evidence they are bound to."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from gates.errors import AlreadyThere, StoreCorrupt, UnknownEntry
from gates.store.rows import ApprovalRow
from gates.store.tables import approval, evidence, request


class SqlApprovals:
    """See `gates.store.port.Approvals`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: ApprovalRow) -> None:
        """At the end."""
        known = select(request.c.number).where(request.c.number == row.request_number)
        if self._connection.execute(known).first() is None:
            raise UnknownEntry(f"there is no request {row.request_number}; list the requests to find it")
        before = self.of(row.request_number)
        if _signed(row) in map(_signed, before):
            raise AlreadyThere(
                f"`{row.approver_id}` approved request {row.request_number} as it stands before; "
                "nothing more is needed from them"
            )
        self._connection.execute(
            insert(approval).values(
                request_number=row.request_number,
                position=len(before),
                approver_id=row.approver_id,
                content_digest=row.content_digest,
                base_revision=row.base_revision,
                evidence_digest=row.evidence_digest,
                at_ns=row.at_ns,
            )
        )

    def of(self, request_number: int) -> tuple[ApprovalRow, ...]:
        """Oldest first."""
        found = self._connection.execute(
            select(approval).where(approval.c.request_number == request_number).order_by(approval.c.position)
        )
        return tuple(map(_approval, found))


class SqlEvidence:
    """See `gates.store.port.Evidence`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def freeze(self, digest: str, data: bytes) -> None:
        """Once."""
        kept = self.get(digest)
        if kept is None:
            self._connection.execute(
                insert(evidence).values(digest=digest, data=data, sha256=sha256(data).hexdigest())
            )
        elif kept != data:
            raise AlreadyThere(
                f"other evidence is frozen as `{digest}`; name evidence by a digest of all it holds"
            )

    def get(self, digest: str) -> bytes | None:
        """Checked against the hash taken when it was frozen."""
        found = self._connection.execute(select(evidence).where(evidence.c.digest == digest)).first()
        if found is None:
            return None
        data = bytes(found.data)
        if sha256(data).hexdigest() != found.sha256:
            raise StoreCorrupt(f"the evidence `{digest}` is not what was frozen; restore a backup")
        return data


def _signed(row: ApprovalRow) -> tuple[str, str, int, str]:
    return row.approver_id, row.content_digest, row.base_revision, row.evidence_digest


def _approval(found: Row[Any]) -> ApprovalRow:
    return ApprovalRow(
        request_number=found.request_number,
        approver_id=found.approver_id,
        content_digest=found.content_digest,
        base_revision=found.base_revision,
        evidence_digest=found.evidence_digest,
        at_ns=found.at_ns,
    )
