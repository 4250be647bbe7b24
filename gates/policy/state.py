"""What a review looks at besides the intent and the evidence: values, gathered by the change service."""

from dataclasses import dataclass

from gates.policy.evidence import ReviewEvidence
from gates.policy.intent import Mode
from gates.policy.values import ControlValues


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One signature, bound to exactly what was signed.

    `may_approve`: the role held when it is judged. `added_by` and `added_at_ns`: who gave the
    approver that role, and when.
    """

    approver_id: str
    content_digest: str
    base_revision: int
    evidence_digest: str
    may_approve: bool
    added_by: str | None
    added_at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Who brought an operator in or gave them roles, and when."""

    operator_id: str
    added_by: str
    added_at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """The change request an intent belongs to, as stored.

    `signed` is the evidence frozen with the request. `exception` is the recorded reason to go on
    without enough data. `editors` holds the requester and everyone who edited the content;
    `additions` says who brought them in. `content_digest` covers everything that is signed: the
    controls, the exception, the statement on broadening, reason and decision record.
    """

    content_digest: str
    base_revision: int
    editors: frozenset[str]
    last_editor: str
    additions: tuple[Addition, ...]
    created_at_ns: int
    signed: ReviewEvidence
    exception: str | None
    approvals: tuple[Approval, ...]
    void_reason: str | None
    rejected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The world as the boundary sees it. `latched` says why ROLL BACK still stands, or is null;
    `latched_revision` is the one of which it was said.
    """

    revision: int
    current: ControlValues
    mode: Mode
    broadened: bool
    latched: str | None
    release_review_owed: bool
    request: RequestFacts | None
    decision_record_pattern: str
    latched_revision: int | None = None
    thresholds_version: int = 0
    spending_version: int = 0
