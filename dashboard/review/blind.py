"""The evidence where telemetry does not answer. It needs none of what telemetry needs."""

from dataclasses import replace

from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord


def blind(question: Question, why: str) -> ReviewEvidence:
    """Nothing is verified, and `why`. The word is KILLED where the kill is on: that needs no telemetry."""
    nothing = no_evidence(question.revision, question.now_ns)
    word = VerdictWord.KILLED if question.killed else nothing.verdict
    return replace(nothing, verdict=word, bound=why)
