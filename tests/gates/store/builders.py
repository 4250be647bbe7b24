"""Rows for tests, each with a default that fits."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from gates.store.port import Transaction
from gates.store.review_rows import NewReview, ReviewMoment, ThresholdsRow
from gates.store.rows import (
    ApprovalRow,
    AuditEntry,
    NewRequest,
    RequestEdit,
    RevisionKind,
    RevisionRow,
)
from gates.store.task_rows import ArtifactRow
from gates.tasks.events import EventKind, NewEvent
from gates.verdict.words import VerdictWord
from schemas.instant import SECOND

NOW = 1_767_225_600 * SECOND
ALICE = "local|alice"
BOB = "local|bob"
CAROL = "local|carol"


def revision(number: int, **changes: Any) -> RevisionRow:
    row = RevisionRow(
        revision=number,
        intent_id=f"intent-{number}",
        actor_id=ALICE,
        before={"kill": True},
        after={"kill": False, "allowlist": {"rules": [{"id": "é", "slotIds": []}]}},
        effective_at_ns=NOW + number,
        kind=RevisionKind.WIDENING,
        request_number=None,
        stage=0,
        step="baseline",
    )
    return replace(row, **changes)


def request(**changes: Any) -> NewRequest:
    row = NewRequest(
        kind="controls",
        content={"percent": 1},
        content_digest="digest-1",
        base_revision=3,
        requester=ALICE,
        reason="start the canary",
        decision_record="https://decisions.example/7",
        exception=None,
        evidence_digest="none:3",
        evidence_frozen_at_ns=NOW,
        created_at_ns=NOW,
    )
    return replace(row, **changes)


def edit(**changes: Any) -> RequestEdit:
    row = RequestEdit(
        content={"percent": 5},
        content_digest="digest-2",
        base_revision=4,
        reason="a larger canary",
        decision_record="https://decisions.example/8",
        exception="little traffic at night",
        evidence_digest="none:4",
        evidence_frozen_at_ns=NOW + 5,
    )
    return replace(row, **changes)


def approval(number: int, **changes: Any) -> ApprovalRow:
    row = ApprovalRow(
        request_number=number,
        approver_id=BOB,
        content_digest="digest-1",
        base_revision=3,
        evidence_digest="none:3",
        at_ns=NOW + 1,
    )
    return replace(row, **changes)


def entry(**changes: Any) -> AuditEntry:
    row = AuditEntry(
        time_ns=NOW,
        actor=ALICE,
        roles=("oncall",),
        action="kill.engage",
        target="controls",
        before={"kill": False},
        after={"kill": True},
        reason="errors spiking é €",
        request_id="01JGFJJZ00",
        outcome="ALLOWED",
        mode="enforce",
        environment="production",
    )
    return replace(row, **changes)


def thresholds(number: int, **changes: Any) -> ThresholdsRow:
    row = ThresholdsRow(
        version_number=number,
        document={"version": "thresholds.v1", "number": number, "passAlpha": 0.05},
        actor_id=ALICE,
        at_ns=NOW + number,
        request_number=None,
    )
    return replace(row, **changes)


def look(**changes: Any) -> NewReview:
    row = NewReview(
        at_ns=NOW,
        revision=3,
        step="canary-1",
        verdict=VerdictWord.HOLD,
        moment=ReviewMoment.LOOK,
        actor_id=ALICE,
        request_number=None,
        evidence_digest=None,
    )
    return replace(row, **changes)


def created(task_id: str = "t1", **changes: Any) -> NewEvent:
    row = NewEvent(
        task_id=task_id,
        kind=EventKind.CREATED,
        actor_id=ALICE,
        at_ns=NOW,
        detail={"spec": {"jobId": "é"}, "jobId": "é", "mostRuns": 3},
    )
    return replace(row, **changes)


def artifact(task_id: str = "t1", data: bytes = b"{}", **changes: Any) -> ArtifactRow:
    row = ArtifactRow(
        task_id=task_id,
        run=1,
        digest=f"sha256:{sha256(data).hexdigest()}",
        data=data,
        actor_id=ALICE,
        at_ns=NOW,
    )
    return replace(row, **changes)


def fill_append_only(tx: Transaction) -> None:
    """A row in every table whose rows never change, but for the checkpoints."""
    tx.revisions.append(revision(1))
    tx.requests.create(request())
    tx.approvals.add(approval(1))
    tx.evidence.freeze("none:1", b"x")
    tx.audit.append(entry())
    tx.thresholds.append(thresholds(1))
    tx.reviews.add(look())
    tx.comments.add(1, author=ALICE, at_ns=NOW, text="why?")
    tx.tasks.append(created())
    tx.tasks.add_artifact(artifact())
