"""Rules of evidence: reviewed telemetry of this step and this revision, fresh, and not worse since."""

from typing import assert_never

from gates.policy.diff import Dimension
from gates.policy.evidence import ReviewEvidence, Verification, is_blind
from gates.policy.intent import Acknowledgement, ControlsChange, DrillChange, ThresholdsChange
from gates.policy.rules.case import Case
from gates.policy.sequence import in_sequence
from gates.verdict.words import VerdictWord
from schemas.instant import SECOND

FROZEN_FOR_NS = 4 * 3600 * SECOND
# How good a verdict is to go on with; anything lower than what was signed is worse.
_RANK = {
    VerdictWord.EXPAND: 3,
    VerdictWord.NOT_ENOUGH_DATA: 2,
    VerdictWord.KILLED: 2,
    VerdictWord.HOLD: 1,
    VerdictWord.ROLL_BACK: 0,
}


def needs_verification(case: Case) -> bool:
    """Enable steps and the release of a kill rest on verification, not on a verdict (DESIGN 14.5)."""
    return in_sequence(case.state.current) or Dimension.KILL in case.widened


def rolled_back(case: Case) -> str | None:
    """Nothing widens and no limit gets laxer under ROLL BACK, which stands until it is acknowledged."""
    if not isinstance(case.change, ControlsChange | ThresholdsChange | DrillChange):
        return None
    if case.state.latched is not None:
        return f"ROLL BACK stands until it is acknowledged: {case.state.latched}"
    if any(evidence.verdict is VerdictWord.ROLL_BACK for evidence in case.evidences):
        return "the verdict is ROLL BACK; narrow, and acknowledge it when the cause is found"
    return None


def still_rolled_back(case: Case) -> str | None:
    """What still says ROLL BACK is narrowed or killed first: acknowledging it stops nobody's harm."""
    if not isinstance(case.change, Acknowledgement) or case.state.current.kill:
        return None
    if case.evidence.verdict is VerdictWord.ROLL_BACK:
        return "the verdict is ROLL BACK still; narrow or kill first, then acknowledge"
    if is_blind(case.evidence) and case.state.latched_revision == case.state.revision:
        return "telemetry cannot be looked at, so it may still be ROLL BACK; narrow or kill first"
    return None


def not_verified(case: Case) -> str | None:
    """Telemetry since this revision must show that the controls are obeyed."""
    if not isinstance(case.change, ControlsChange) or not needs_verification(case) or case.change.break_glass:
        return None
    found = {evidence.verification for evidence in case.evidences}
    if Verification.FAILED in found:
        return "telemetry since this revision contradicts the controls; see the gate audit"
    if case.evidence.verification is Verification.NOT_ENOUGH:
        return "too few verified lines since this revision; run jobs, or `slotgate probe`"
    if Verification.NOT_ENOUGH in found:
        return "nothing was verified yet when the request froze its evidence; propose the change anew"
    return None


def not_expand(case: Case) -> str | None:
    """A live step goes on with EXPAND, or with the recorded exception for NOT ENOUGH DATA."""
    if not isinstance(case.change, ControlsChange) or needs_verification(case):
        return None
    request = case.state.request
    excepted = request is not None and bool((request.exception or "").strip())
    return next((words for evidence in case.evidences if (words := _missing(evidence, excepted))), None)


def _missing(evidence: ReviewEvidence, excepted: bool) -> str | None:
    match evidence.verdict:
        case VerdictWord.EXPAND:
            return None
        case VerdictWord.NOT_ENOUGH_DATA:
            if excepted:
                return None
            return f"NOT ENOUGH DATA: {evidence.bound}; wait, or record an exception with its reason"
        case VerdictWord.HOLD | VerdictWord.ROLL_BACK | VerdictWord.KILLED:
            return f"the verdict is {_word(evidence)}, not EXPAND; see the checks of the review"
        case _:
            assert_never(evidence.verdict)


def evidence_stale(case: Case) -> str | None:
    """The evidence signed is of this revision and at most four hours old."""
    request = case.state.request
    if not isinstance(case.change, ControlsChange) or request is None or case.change.break_glass:
        return None
    if request.signed.revision != case.state.revision or case.evidence.revision != case.state.revision:
        return f"the evidence is of revision {request.signed.revision}, not of {case.state.revision}"
    age = case.now_ns - request.signed.frozen_at_ns
    if age < 0:
        return "the clock is before the moment the evidence was frozen; set the clock right"
    return "the frozen evidence is older than 4 h; propose the change anew" if age > FROZEN_FOR_NS else None


def evidence_worse(case: Case) -> str | None:
    """What has happened since the evidence was signed may void it, never improve it."""
    request = case.state.request
    if not isinstance(case.change, ControlsChange) or request is None or case.change.break_glass:
        return None
    signed, live = request.signed, case.evidence
    if new := sorted(live.findings - signed.findings):
        return f"new since the evidence was signed: {', '.join(new)}"
    if _RANK[live.verdict] < _RANK[signed.verdict]:
        return f"the verdict was {_word(signed)} when it was signed and is {_word(live)} now"
    if signed.verification is Verification.PASSED and live.verification is Verification.FAILED:
        return "the verification passed when it was signed and fails now"
    return None


def _word(evidence: ReviewEvidence) -> str:
    return evidence.verdict.value.replace("_", " ")
