"""A review as JSON: the verdict on top, then what it was judged from."""

import json
from typing import TYPE_CHECKING, Any

from gates.policy.evidence import ReviewEvidence
from gates.store.review_rows import ReviewRow
from gates.verdict.question import Question

if TYPE_CHECKING:
    from dashboard.review.missed import Missed
    from dashboard.review.provider import Reviewed


def review(
    question: Question,
    reviewed: "Reviewed | None",
    kept: ReviewEvidence,
    reviews: tuple[ReviewRow, ...],
    frozen: str | None,
    missed: "Missed | None",
) -> dict[str, Any]:
    """The verdict on top, then what it was judged from, as in a frozen copy; `missed` stands beside it."""
    whole: dict[str, Any] = json.loads(kept.document) if reviewed is not None else {}
    verdict = whole.get("verdict", {"sentence": unseen(kept), "checks": []})
    return {
        **{name: value for name, value in verdict.items() if name != "word"},
        "verdict": kept.verdict.value,
        "verification": kept.verification.value,
        "bound": kept.bound,
        "step": question.step.value,
        "revision": question.revision,
        "digest": kept.digest,
        "frozen": frozen,
        "evidence": whole.get("evidence"),
        "question": whole.get("question"),
        "gaps": None if missed is None else missed.as_records(),
        "reviews": [_look(row) for row in reviews],
    }


def _look(row: ReviewRow) -> dict[str, Any]:
    return {
        "at_ns": str(row.at_ns),
        "revision": row.revision,
        "verdict": row.verdict.value,
        "moment": row.moment.value,
        "by": row.actor_id,
        "request": row.request_number,
        "digest": row.evidence_digest,
    }


def unseen(kept: ReviewEvidence) -> str:
    """The sentence of a review of telemetry that could not be read."""
    return f"{' '.join(kept.verdict.split('_'))}: {kept.bound}"
