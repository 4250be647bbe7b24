"""Everything the store keeps of one request, gathered for whoever signs it or looks back at it.

The audit chain has no index by request, because what a record says stands in no column. So the search
begins where the request was made, found by halving the chain, and reads on from there.
"""

import json
from dataclasses import dataclass
from typing import Any

from gates.changes.content import VERSIONED
from gates.changes.desk import ID, Desk
from gates.changes.gathering import facts_of, gather, newest_revision, stored_mode
from gates.changes.requests import known
from gates.errors import StoreCorrupt
from gates.policy.intent import Actor, Mode
from gates.policy.next_step import next_legal_step
from gates.policy.rules.signatures import EXPIRES_AFTER_NS, newly_acquainted
from gates.policy.state import Approval
from gates.store.port import Transaction
from gates.store.review_rows import CommentRow, ReviewRow
from gates.store.rows import ApprovalRow, AuditRecord, RequestRow, RevisionRow
from schemas.instant import epoch_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFile:
    """One request with all that hangs on it, from one snapshot.

    `base` is the revision it was made over, null where that is no revision of the controls. `evidence`
    is what its digest names, byte for byte; null when it is gone or not what was frozen. `looks` are the
    reviews made for it, `brought` the revisions. `records` are its audit records, oldest first, of a
    chain of `chain_size`. `now_ns` is when this was gathered.
    """

    row: RequestRow
    approvals: tuple[ApprovalRow, ...]
    comments: tuple[CommentRow, ...]
    evidence: bytes | None
    looks: tuple[ReviewRow, ...]
    base: RevisionRow | None
    newest: RevisionRow
    brought: tuple[RevisionRow, ...]
    records: tuple[AuditRecord, ...]
    chain_size: int
    environment: str
    mode: Mode
    now_ns: int

    @property
    def expires_ns(self) -> int:
        """When it can no longer be signed or applied, epoch nanoseconds."""
        return self.row.created_at_ns + EXPIRES_AFTER_NS


class RequestFiles:
    """The part of the change service that shows requests."""

    _desk: Desk

    def requests(self) -> tuple[RequestRow, ...]:
        """Every request, closed ones too, oldest first."""
        with self._desk.store.read() as tx:
            return tuple(tx.requests.all())

    def request_file(self, number: int) -> RequestFile:
        """One request with all that hangs on it. Raises `UnknownEntry`."""
        with self._desk.store.read() as tx:
            row, size, made_over = known(tx, number), _size(tx), None
            if row.kind not in VERSIONED:  # those are made over a version of their own
                made_over = row.base_revision
            looks = () if made_over is None else tx.reviews.of_revision(made_over)
            return RequestFile(
                row=row,
                approvals=tx.approvals.of(number),
                comments=tx.comments.of(number),
                evidence=_evidence(tx, row),
                looks=tuple(look for look in looks if look.request_number == number),
                base=None if made_over is None else tx.revisions.get(made_over),
                newest=newest_revision(tx),
                brought=tuple(tx.revisions.of_request(number)),
                records=_records(tx, row, size),
                chain_size=size,
                environment=tx.settings.get(ID) or "",
                mode=stored_mode(tx),
                now_ns=self._desk.clock(),
            )

    def next_step(self) -> str:
        """What may be proposed now, in words; narrowing is always open besides."""
        with self._desk.store.read() as tx:
            return next_legal_step(gather(tx, None))

    def audit_size(self) -> int:
        """How many records the audit chain has: whatever people do makes it longer."""
        with self._desk.store.read() as tx:
            return _size(tx)

    def would_not_count(self, actor: Actor, number: int) -> str | None:
        """Why a signature of this person would carry nothing although they may give it, or null."""
        with self._desk.store.read() as tx:
            row, person = known(tx, number), tx.operators.get(actor.actor_id)
            signature = Approval(
                approver_id=actor.actor_id,
                content_digest=row.content_digest,
                base_revision=row.base_revision,
                evidence_digest=row.evidence_digest,
                may_approve=True,
                added_by=None if person is None else person.granted_by,
                added_at_ns=0 if person is None else person.granted_at_ns,
            )
            if not newly_acquainted(signature, facts_of(tx, row), self._desk.clock()):
                return None
        return "you and who asked were added one by the other within 24 h; somebody else must approve it"


def _size(tx: Transaction) -> int:
    tail = tx.audit.tail()
    return 0 if tail is None else tail.seq


def _evidence(tx: Transaction, row: RequestRow) -> bytes | None:
    try:
        return tx.evidence.get(row.evidence_digest)
    except StoreCorrupt:
        return None


def _records(tx: Transaction, row: RequestRow, size: int) -> tuple[AuditRecord, ...]:
    """The records that name the request. Where halving misses its beginning, as after a clock was set
    back, the whole chain is read.
    """
    found = _from(tx, row.number, _first_since(tx, row.created_at_ns, size))
    if found and _said(found[0]).get("action") == "propose":
        return found
    return _from(tx, row.number, 1)


def _from(tx: Transaction, number: int, seq: int) -> tuple[AuditRecord, ...]:
    named = f'"request_id":"{number}"'.encode()
    # Somebody's reason may hold the same characters; what the record itself says counts.
    return tuple(
        record
        for record in tx.audit.iterate(seq)
        if named in record.body and _said(record).get("request_id") == str(number)
    )


def _first_since(tx: Transaction, at_ns: int, size: int) -> int:
    low, high = 1, size + 1
    while low < high:
        middle = (low + high) // 2
        record = tx.audit.get(middle)
        if record is None:
            return 1
        low, high = (middle + 1, high) if _written_ns(record) < at_ns else (low, middle)
    return low


def _written_ns(record: AuditRecord) -> int:
    value = _said(record)
    return epoch_ns(str(value.get("recorded_at") or value.get("time"))) or 0


def _said(record: AuditRecord) -> dict[str, Any]:
    try:
        value = json.loads(record.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
