"""What a review needs to know of the telemetry: the seat of the verdict.

Without a provider the answer is `no_evidence`: NOT ENOUGH DATA, nothing verified. It passes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from gates.verdict.words import VerdictWord


class Verification(StrEnum):
    """Whether telemetry since a revision shows that the controls are obeyed (DESIGN section 5)."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    NOT_ENOUGH = "NOT_ENOUGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvidence:
    """Frozen evidence of one step under one revision.

    `findings` are the high and critical findings of the gate audit; `bound` states in words what
    the data cannot rule out; `digest` names the evidence, also when it holds no rows. `document` is the
    canonical JSON of question, evidence and verdict, empty where nobody looked.
    """

    revision: int
    verdict: VerdictWord
    verification: Verification
    findings: frozenset[str]
    beta_criteria_met: bool
    bound: str
    digest: str
    frozen_at_ns: int
    document: str = ""


_NONE = "none:"


def is_blind(evidence: ReviewEvidence) -> bool:
    """Whether nobody could look at telemetry: it says nothing, not even that there was none."""
    return evidence.digest.startswith(_NONE)


def no_evidence(revision: int, now_ns: int) -> ReviewEvidence:
    """The answer where nobody provides evidence."""
    return ReviewEvidence(
        revision=revision,
        verdict=VerdictWord.NOT_ENOUGH_DATA,
        verification=Verification.NOT_ENOUGH,
        findings=frozenset(),
        beta_criteria_met=False,
        bound="no telemetry has been seen: any failure rate is possible",
        digest=f"{_NONE}{revision}",
        frozen_at_ns=now_ns,
    )
