"""The answer of the boundary: a frozen value with its outcome, reason codes, findings and next legal step."""

from dataclasses import dataclass
from enum import StrEnum

from gates.policy.diff import Delta


class Outcome(StrEnum):
    """What becomes of an intent; no reader can mistake one for another (CONTRACTS section 8)."""

    ALLOWED = "ALLOWED"
    WOULD_BLOCK = "WOULD_BLOCK"
    BLOCKED = "BLOCKED"
    UNCHECKED = "UNCHECKED"


class ReasonCode(StrEnum):
    """Stable: codes are appended, never renamed or reused. docs/reason-codes.md explains each."""

    ROLE = "E_ROLE"
    NO_CHANGE = "E_NO_CHANGE"
    ZERO_OPENS_GATE = "E_ZERO_OPENS_GATE"
    BASE_REVISION = "E_BASE_REVISION"
    REASON_REQUIRED = "E_REASON_REQUIRED"
    DECISION_RECORD = "E_DECISION_RECORD"
    ONE_DIMENSION = "E_ONE_DIMENSION"
    ENABLE_ORDER = "E_ENABLE_ORDER"
    SMALLEST_SCOPE = "E_SMALLEST_SCOPE"
    STEP_SKIPPED = "E_STEP_SKIPPED"
    SCOPE_FROZEN = "E_SCOPE_FROZEN"
    PERCENT_FROZEN = "E_PERCENT_FROZEN"
    BROADEN_FIRST = "E_BROADEN_FIRST"
    STEADY_CRITERIA = "E_STEADY_CRITERIA"
    BREAK_GLASS = "E_BREAK_GLASS"
    MODE_CHECKS = "E_MODE_CHECKS"
    ROLLED_BACK = "E_ROLLED_BACK"
    NOT_VERIFIED = "E_NOT_VERIFIED"
    NOT_EXPAND = "E_NOT_EXPAND"
    EVIDENCE_STALE = "E_EVIDENCE_STALE"
    EVIDENCE_WORSE = "E_EVIDENCE_WORSE"
    REQUEST_CLOSED = "E_REQUEST_CLOSED"
    REQUEST_EXPIRED = "E_REQUEST_EXPIRED"
    OWN_APPROVAL = "E_OWN_APPROVAL"
    APPROVAL_MISSING = "E_APPROVAL_MISSING"
    APPROVER_ADDED = "E_APPROVER_ADDED"
    STEP_NAME = "E_STEP_NAME"
    LAST_ADMIN = "E_LAST_ADMIN"
    DRILL = "E_DRILL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the intent breaks: its code, what is wrong in words, and where the rule comes from."""

    code: ReasonCode
    words: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDecision:
    """What `review` answers. Under shadow and off the change goes on although `findings` may not be empty."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    deltas: tuple[Delta, ...]
    next_step: str

    @property
    def allow(self) -> bool:
        """Whether the change may go on; false only for BLOCKED."""
        return self.outcome is not Outcome.BLOCKED

    @property
    def reason_codes(self) -> tuple[ReasonCode, ...]:
        """The codes of the findings, in the order of the rules."""
        return tuple(finding.code for finding in self.findings)
