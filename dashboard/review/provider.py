"""Evidence for reviews: telemetry answers, the verdict is judged, and what cannot be read is no evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.review.blind import blind
from dashboard.review.document import document_of
from dashboard.telemetry.port import Telemetry
from gates.policy.evidence import ReviewEvidence, Verification
from gates.verdict.evidence import Evidence, Severity
from gates.verdict.judge import judge
from gates.verdict.question import Question
from gates.verdict.verdict import Verdict

_SERIOUS = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review with everything it looked at; `kept` is what the change service reads and freezes."""

    question: Question
    evidence: Evidence
    verdict: Verdict
    kept: ReviewEvidence


BetaCriteria = Callable[[Question, Evidence, Verdict], bool]
"""Whether the beta criteria are met and signed, by what was just seen."""


def never_met(question: Question, evidence: Evidence, verdict: Verdict) -> bool:
    """Nobody looks at the beta criteria."""
    del question, evidence, verdict
    return False


class TelemetryEvidence:
    """The evidence that `telemetry` gives. `beta_criteria_met` tells whether the beta lists are complete."""

    def __init__(self, telemetry: Telemetry, beta_criteria_met: BetaCriteria = never_met) -> None:
        self._telemetry = telemetry
        self._beta_criteria_met = beta_criteria_met

    def evidence(self, question: Question) -> ReviewEvidence:
        """See the port of the change service. Never raises."""
        try:
            return self.reviewed(question).kept
        except Exception as error:  # noqa: BLE001  whatever it was, it is no evidence, and it says why
            return unreadable(question, error)

    def reviewed(self, question: Question) -> Reviewed:
        """The whole review. Raises what the telemetry raises."""
        found = self._telemetry.evidence(question)
        verdict = judge(question, found)
        kept = ReviewEvidence(
            revision=question.revision,
            verdict=verdict.word,
            verification=Verification(verdict.readiness.value),
            findings=frozenset(one.code for one in found.findings if one.severity in _SERIOUS and one.lines),
            beta_criteria_met=self._beta_criteria_met(question, found, verdict),
            bound=verdict.bound,
            digest=found.digest,
            frozen_at_ns=question.now_ns,
            document=document_of(question, found, verdict),
        )
        return Reviewed(question=question, evidence=found, verdict=verdict, kept=kept)


def unreadable(question: Question, error: Exception) -> ReviewEvidence:
    """Nothing is verified, because of `error`: KILLED where the kill is on, else NOT ENOUGH DATA."""
    return blind(question, _unread(question, str(error) or type(error).__name__))


def _unread(question: Question, said: str) -> str:
    if question.killed:
        return f"the telemetry could not be read, so nothing confirms the kill: {said}"
    return f"the telemetry could not be read, so any failure rate is possible: {said}"
