"""What the change service needs from outside, and the answers where nobody provides it.

Evidence comes from the verdict, recent jobs from the telemetry. Without a provider the answers are
NOT ENOUGH DATA and "jobs cannot be seen": they pass nothing and promise nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from gates.decision import Job
from gates.policy.evidence import ReviewEvidence, no_evidence
from gates.verdict.question import Question


class EvidenceProvider(Protocol):
    """Where reviews get their evidence."""

    def evidence(self, question: Question) -> ReviewEvidence:
        """What telemetry answers. Never raises: what fails is no evidence."""
        ...


@dataclass(frozen=True, slots=True)
class RecentJob:
    """A job that telemetry showed. `reached_bucket`: every gate before the rollout let it pass.

    `job` is its spec, null where only the telemetry line is known.
    """

    job_id: str
    bucket: int
    reached_bucket: bool
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class RecentWindow:
    """The distinct jobs of the `hours` up to `until_ns`, oldest first.

    `unseen` says why nobody could look, and what to do; it is null where somebody did, and then no
    jobs means that there were none.
    """

    jobs: tuple[RecentJob, ...]
    hours: float
    until_ns: int | None = None
    unseen: str | None = None


def nothing_visible(why: str) -> RecentWindow:
    """Jobs cannot be seen: nothing is known of them, not even that there are none."""
    return RecentWindow((), 0.0, unseen=why)


class RecentJobs(Protocol):
    """Where previews get the jobs that were seen."""

    def recent(self, now_ns: int) -> RecentWindow:
        """The jobs seen lately. Never raises: what fails says why it cannot see them."""
        ...


class Ids(Protocol):
    """Where intents get their ids."""

    def __call__(self) -> str:
        """A new id, never given before."""
        ...


class NoEvidence:
    """Nobody provides evidence."""

    def evidence(self, question: Question) -> ReviewEvidence:
        """NOT ENOUGH DATA."""
        return no_evidence(question.revision, question.now_ns)


class NoRecentJobs:
    """Nobody looks at jobs."""

    def recent(self, now_ns: int) -> RecentWindow:
        """Nothing visible."""
        del now_ns
        return nothing_visible("nothing here reads telemetry")
