"""What the change service needs from outside, and the answers where nobody provides it.

Evidence comes from the verdict, recent jobs from the telemetry. Without a provider the answers are
NOT ENOUGH DATA and "no jobs seen": they pass nothing and promise nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from gates.decision import Job
from gates.policy.evidence import ReviewEvidence, no_evidence
from schemas.stages import Step


class EvidenceProvider(Protocol):
    """Where reviews get their evidence."""

    def evidence(self, revision: int, step: Step, now_ns: int) -> ReviewEvidence:
        """The evidence of `step` under `revision`, as of now. Never raises: what fails is no evidence."""
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
    """The distinct jobs of the last `hours`, oldest first."""

    jobs: tuple[RecentJob, ...]
    hours: float


class RecentJobs(Protocol):
    """Where previews get the jobs that were seen."""

    def recent(self, now_ns: int) -> RecentWindow:
        """The jobs seen lately. Never raises: what fails has seen none."""
        ...


class Ids(Protocol):
    """Where intents get their ids."""

    def __call__(self) -> str:
        """A new id, never given before."""
        ...


class NoEvidence:
    """Nobody provides evidence."""

    def evidence(self, revision: int, step: Step, now_ns: int) -> ReviewEvidence:
        """NOT ENOUGH DATA."""
        del step
        return no_evidence(revision, now_ns)


class NoRecentJobs:
    """Nobody has seen a job."""

    def recent(self, now_ns: int) -> RecentWindow:
        """No jobs."""
        del now_ns
        return RecentWindow((), 0.0)
