"""In-memory twins of the ports: evidence and jobs that a program brings itself."""

from dataclasses import replace
from itertools import count

from gates.changes.ports import RecentJob, RecentWindow
from gates.policy.evidence import ReviewEvidence, Verification, no_evidence
from gates.verdict.question import Question
from gates.verdict.words import VerdictWord


class HeldEvidence:
    """Answers with what was last put, as evidence of whatever revision is asked for."""

    def __init__(self, verdict: VerdictWord = VerdictWord.NOT_ENOUGH_DATA) -> None:
        self.verdict = verdict
        self.verification = Verification.NOT_ENOUGH
        self.findings: frozenset[str] = frozenset()
        self.beta_criteria_met = False
        self.document = ""
        self.asked: Question | None = None

    def put(
        self,
        verdict: VerdictWord,
        verification: Verification,
        findings: frozenset[str] = frozenset(),
        beta_criteria_met: bool = False,
    ) -> None:
        """Answer so from now on."""
        self.verdict, self.verification = verdict, verification
        self.findings, self.beta_criteria_met = findings, beta_criteria_met

    def evidence(self, question: Question) -> ReviewEvidence:
        """What was put; `asked` keeps the question."""
        self.asked = question
        return replace(
            no_evidence(question.revision, question.now_ns),
            verdict=self.verdict,
            verification=self.verification,
            findings=self.findings,
            beta_criteria_met=self.beta_criteria_met,
            digest=f"held:{question.revision}:{question.step}:{self.verdict}:{self.verification}:"
            f"{sorted(self.findings)}",
            document=self.document,
        )


class HeldJobs:
    """Answers with the jobs it was given."""

    def __init__(self, jobs: tuple[RecentJob, ...] = (), hours: float = 1.0) -> None:
        self.window = RecentWindow(jobs, hours)

    def recent(self, now_ns: int) -> RecentWindow:
        """What was given."""
        del now_ns
        return self.window


class CountedIds:
    """`intent-1`, `intent-2`, …"""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next one."""
        return f"intent-{next(self._numbers)}"
