"""What probes showed, as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gates.policy.evidence import ReviewEvidence
from gates.verdict.verdict import Verdict

if TYPE_CHECKING:
    from dashboard.review.probes import Probed


def said_of(verdict: Verdict) -> list[str]:
    """Whether the controls are verified, and the kill confirmed, in words."""
    kill = [] if verdict.kill is None else [f"kill: {verdict.kill.sentence}"]
    return [f"readiness: {verdict.readiness}: {verdict.readiness_words}", *kill]


def probed(probes: "Iterable[Probed]", kept: ReviewEvidence | None, said: list[str]) -> dict[str, Any]:
    """How each probe ended, and what telemetry says after them; null where it could not be asked."""
    return {
        "probes": [
            {
                "jobId": one.outcome.job_id,
                "path": one.outcome.path.value,
                "status": one.outcome.status.value,
                "errorCode": one.outcome.error_code and one.outcome.error_code.value,
                "revision": one.outcome.decision.revision,
            }
            for one in probes
        ],
        "verification": None if kept is None else kept.verification.value,
        "words": said,
    }
