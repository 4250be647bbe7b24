"""What was done lately, and what reviews showed: for views that tell it. Nothing here writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gates.changes.desk import Desk
from gates.store.review_rows import ReviewRow
from schemas.instant import epoch_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One record of the audit chain: when it happened (epoch nanoseconds), its number, and all it says."""

    at_ns: int
    seq: int
    record: Mapping[str, Any]


class Recounting:
    """The part of the change service that tells what happened lately."""

    _desk: Desk

    def looks(self) -> tuple[ReviewRow, ...]:
        """Who looked at which evidence, under every revision, oldest first."""
        with self._desk.store.read() as tx:
            found = [row for one in tx.revisions.all() for row in tx.reviews.of_revision(one.revision)]
        return tuple(sorted(found, key=lambda row: row.review_id))

    def deeds_since(self, since_ns: int, most: int) -> tuple[Deed, ...]:
        """What was recorded from `since_ns` on, newest first, at most `most` records.

        What was recorded late stands where it was recorded, and says when it happened.
        """
        found: list[Deed] = []
        with self._desk.store.read() as tx:
            for stored in tx.audit.backwards():
                record = json.loads(stored.body)
                recorded_ns = epoch_ns(record.get("recorded_at") or record["time"]) or 0
                if recorded_ns < since_ns or len(found) >= most:
                    break
                found.append(Deed(at_ns=epoch_ns(record["time"]) or 0, seq=stored.seq, record=record))
        return tuple(found)
