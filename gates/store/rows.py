"""The values that the store keeps and gives back. Frozen; times are epoch nanoseconds; no I/O here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gates.policy.intent import Role

Json = Mapping[str, Any]
"""A JSON object. Stored as canonical text, given back as equal values."""


class RevisionKind(StrEnum):
    """What kind of change made a revision. `late`: it took effect before the store could know."""

    INIT = "init"
    WIDENING = "widening"
    NARROWING = "narrowing"
    KILL = "kill"
    LATE = "late"


class RequestState(StrEnum):
    """Where a change request stands; the last four are final."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    APPLIED = "applied"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOIDED = "voided"


class OwedKind(StrEnum):
    """What somebody owes after acting alone: the reason for a kill, the review of a break-glass release."""

    REASON = "reason"
    RELEASE_REVIEW = "release_review"


class TokenScope(StrEnum):
    """What a token opens: everything its operator may do, or one thing alone."""

    ALL = "all"
    KILL = "kill"
    READ = "read"
    """Look, and have flags evaluated: what changes nothing."""
    TASKS = "tasks"
    """Hand in jobs, take them and give their results."""
    LOGS = "logs"
    """Hand in telemetry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One revision of the controls; `before` and `after` are controls.v1 documents."""

    revision: int
    intent_id: str
    actor_id: str
    before: Json | None
    after: Json
    effective_at_ns: int
    kind: RevisionKind
    request_number: int | None
    stage: int
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A change request to be. `kind` says how to read `content` (`controls`, `mode`, `operator`, …).

    `evidence_digest` names frozen evidence, `evidence_frozen_at_ns` when it was frozen for this
    request. `exception` is the recorded reason to go on without enough data.
    """

    kind: str
    content: Json
    content_digest: str
    base_revision: int
    requester: str
    reason: str
    decision_record: str
    exception: str | None
    evidence_digest: str
    evidence_frozen_at_ns: int
    created_at_ns: int
    state: RequestState = RequestState.IN_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEdit:
    """The new content of an open request; approvals of the old content stay on record and no longer bind."""

    content: Json
    content_digest: str
    base_revision: int
    reason: str
    decision_record: str
    exception: str | None
    evidence_digest: str
    evidence_frozen_at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A change request. `editors` begins with the requester; `closed_*` is null while it is open."""

    number: int
    state: RequestState
    kind: str
    content: Json
    content_digest: str
    base_revision: int
    requester: str
    editors: tuple[str, ...]
    last_editor: str
    reason: str
    decision_record: str
    exception: str | None
    evidence_digest: str
    evidence_frozen_at_ns: int
    created_at_ns: int
    edited_at_ns: int
    closed_at_ns: int | None
    closed_by: str | None
    closed_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One signature, bound to exactly what was signed."""

    request_number: int
    approver_id: str
    content_digest: str
    base_revision: int
    evidence_digest: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRow:
    """A person. `operator_id` is issuer and subject (`local|alice`).

    `granted_by` and `granted_at_ns` name the last time somebody gave them anything: the account, a
    role or a token.
    """

    operator_id: str
    roles: frozenset[Role]
    added_by: str | None
    added_at_ns: int
    granted_by: str | None
    granted_at_ns: int
    disabled_at_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A personal token as stored. `secret_digest` is the SHA-256, hex, of its 256 random bits."""

    token_id: str
    secret_digest: str
    operator_id: str
    scope: TokenScope
    created_by: str | None
    created_at_ns: int
    expires_at_ns: int | None
    revoked_at_ns: int | None
    last_used_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRow:
    """Something owed since `since_ns`, due at `due_ns`; `given_*` is null until it is given."""

    owed_id: int
    kind: OwedKind
    revision: int
    operator_id: str
    since_ns: int
    due_ns: int
    given_at_ns: int | None
    given_by: str | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What is to be recorded. `outcome` and `mode` are words of the policy, null where nothing was judged.

    `late` marks what happened before it could be recorded: `time_ns` is when it happened,
    `recorded_at_ns` when it was written down.
    """

    time_ns: int
    actor: str
    roles: tuple[str, ...]
    action: str
    target: str
    before: Any = None
    after: Any = None
    reason: str | None = None
    request_id: str | None = None
    outcome: str | None = None
    mode: str | None = None
    reason_codes: tuple[str, ...] = ()
    environment: str | None = None
    late: bool = False
    recorded_at_ns: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One stored link of the chain: the canonical bytes of the record, and their leaf hash in hex."""

    seq: int
    body: bytes
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A checkpoint that was signed: the size and RFC 6962 root (hex) of the chain, and the whole note."""

    size: int
    root: str
    note: str
    at_ns: int
