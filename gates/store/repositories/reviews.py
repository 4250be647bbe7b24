"""Thresholds, and the history of reviews."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from gates.errors import StaleRevision
from gates.store.repositories.columns import decoded, encoded, word
from gates.store.repositories.numbering import next_number
from gates.store.review_rows import NewReview, ReviewMoment, ReviewRow, ThresholdsRow
from gates.store.rows import RequestState
from gates.store.tables import request, review, threshold
from gates.verdict.words import VerdictWord


class SqlThresholds:
    """See `gates.store.review_port.Thresholds`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, row: ThresholdsRow) -> None:
        """Compare-and-swap, as with revisions."""
        newest = self._connection.execute(select(func.max(threshold.c.version_number))).scalar_one()
        if newest is not None and row.version_number <= newest:
            raise StaleRevision(
                f"version {row.version_number} of the thresholds is taken, they are at {newest}; "
                "look at what changed and propose the change anew"
            )
        self._connection.execute(
            insert(threshold).values(
                version_number=row.version_number,
                document_json=encoded(row.document),
                actor_id=row.actor_id,
                at_ns=row.at_ns,
                request_number=row.request_number,
            )
        )

    def newest(self) -> ThresholdsRow | None:
        """The greatest number."""
        query = select(threshold).order_by(threshold.c.version_number.desc()).limit(1)
        found = self._connection.execute(query).first()
        return None if found is None else _thresholds(found)

    def all(self) -> tuple[ThresholdsRow, ...]:
        """Oldest first."""
        query = select(threshold).order_by(threshold.c.version_number)
        return tuple(map(_thresholds, self._connection.execute(query)))


class SqlReviews:
    """See `gates.store.review_port.Reviews`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, review_: NewReview) -> ReviewRow:
        """The next number."""
        number = next_number(self._connection, review.c.review_id)
        row = ReviewRow(**asdict(review_), review_id=number)
        values = asdict(row) | {"verdict": row.verdict.value, "moment": row.moment.value}
        self._connection.execute(insert(review).values(**values))
        return row

    def of_revision(self, revision: int) -> tuple[ReviewRow, ...]:
        """Oldest first."""
        return self._rows(select(review).where(review.c.revision == revision).order_by(review.c.review_id))

    def of_step(self, step: str) -> tuple[ReviewRow, ...]:
        """Oldest first."""
        return self._rows(select(review).where(review.c.step == step).order_by(review.c.review_id))

    def newest(self, revision: int) -> ReviewRow | None:
        """The greatest number."""
        query = select(review).where(review.c.revision == revision)
        return next(iter(self._rows(query.order_by(review.c.review_id.desc()).limit(1))), None)

    def expanded_before(self, revision: int) -> int | None:
        """By the digest that was signed, whatever came of later looks."""
        signed_on_expand = (
            select(review.c.review_id)
            .where(
                review.c.evidence_digest == request.c.evidence_digest,
                review.c.verdict == VerdictWord.EXPAND.value,
            )
            .exists()
        )
        return self._connection.execute(
            select(request.c.number)
            .where(
                request.c.state == RequestState.APPLIED.value,
                request.c.kind == "controls",
                request.c.base_revision < revision,
                signed_on_expand,
            )
            .order_by(request.c.number.desc())
            .limit(1)
        ).scalar_one_or_none()

    def _rows(self, query: Select[Any]) -> tuple[ReviewRow, ...]:
        return tuple(map(_review, self._connection.execute(query)))


def _thresholds(found: Row[Any]) -> ThresholdsRow:
    return ThresholdsRow(
        version_number=found.version_number,
        document=decoded(found.document_json),
        actor_id=found.actor_id,
        at_ns=found.at_ns,
        request_number=found.request_number,
    )


def _review(found: Row[Any]) -> ReviewRow:
    return ReviewRow(
        review_id=found.review_id,
        at_ns=found.at_ns,
        revision=found.revision,
        step=found.step,
        verdict=word(VerdictWord, found.verdict),
        moment=word(ReviewMoment, found.moment),
        actor_id=found.actor_id,
        request_number=found.request_number,
        evidence_digest=found.evidence_digest,
    )
