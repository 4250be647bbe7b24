"""The history of reviews: who looked at which evidence of a step, and where a copy of it is kept."""

from gates.changes.content import frozen
from gates.changes.gathering import newest_revision
from gates.policy.evidence import ReviewEvidence
from gates.store.port import Transaction
from gates.store.review_rows import NewReview, ReviewMoment


def keep(
    tx: Transaction,
    moment: ReviewMoment,
    actor_id: str,
    evidence: ReviewEvidence,
    *,
    at_ns: int,
    request: int | None = None,
) -> str:
    """Keep a copy of `evidence`, and note that it was looked at; its digest."""
    digest, data = frozen(evidence)
    tx.evidence.freeze(digest, data)
    remember(tx, moment, actor_id, evidence, at_ns=at_ns, request=request, digest=digest)
    return digest


def remember(
    tx: Transaction,
    moment: ReviewMoment,
    actor_id: str,
    evidence: ReviewEvidence,
    *,
    at_ns: int,
    request: int | None = None,
    digest: str | None = None,
) -> None:
    """Note that `evidence` was looked at; of a revision that the store never had, as of the newest's step."""
    row = tx.revisions.get(evidence.revision) or newest_revision(tx)
    tx.reviews.add(
        NewReview(
            at_ns=at_ns,
            revision=evidence.revision,
            step=row.step,
            verdict=evidence.verdict,
            moment=moment,
            actor_id=actor_id,
            request_number=request,
            evidence_digest=digest,
        )
    )
