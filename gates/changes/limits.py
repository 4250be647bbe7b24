"""The thresholds of the verdict as a guarded change: laxer takes two people, stricter alone takes one.

A document says by its `number` which version it was made over; in force it gets the next one.
"""

from collections.abc import Mapping
from typing import Any

from gates.changes.answers import Answer
from gates.changes.content import THRESHOLDS, Terms, thresholds_content
from gates.changes.desk import Desk
from gates.changes.gathering import thresholds_change, thresholds_in_force
from gates.changes.requests import opened
from gates.errors import InvalidChange
from gates.policy.intent import Actor, Moment
from gates.policy.review import gives_more
from gates.store.port import Transaction
from gates.store.review_rows import ThresholdsRow
from gates.verdict.document import document_of
from schemas import check


def propose_thresholds(desk: Desk, actor: Actor, document: Mapping[str, Any], terms: Terms) -> Answer:
    """Put stricter thresholds in force at once; open a request for any that ask less. `InvalidChange`."""
    if found := check.problems("thresholds.v1", document):
        raise InvalidChange(f"not a thresholds.v1 document: {found[0]}")
    with desk.store.begin() as tx:
        change = thresholds_change(tx, document)
        content = thresholds_content(document, change.loosens, terms)
        judged = desk.judge(
            tx,
            actor,
            Moment.PROPOSE,
            change,
            row=None,
            base_revision=int(document["number"]),
            terms=terms,
            content=content,
        )
        if gives_more(change, judged.state, ()):
            return opened(desk, tx, judged, THRESHOLDS, content, terms)
        mode, words = judged.state.mode, "refused; the thresholds stay as they are"
        before = document_of(thresholds_in_force(tx))
        if judged.decision.allow:
            words = put_in_force(tx, document, by=actor.actor_id, at_ns=judged.now_ns, request=None)
        after = document_of(thresholds_in_force(tx)) if judged.decision.allow else None
        desk.record(tx, judged, "thresholds", target=THRESHOLDS, before=before, after=after)
        return Answer(decision=judged.decision, mode=mode, words=words)


def put_in_force(
    tx: Transaction, document: Mapping[str, Any], *, by: str, at_ns: int, request: int | None
) -> str:
    """Make a document the next version; what was done, in words."""
    number = thresholds_in_force(tx).version_number + 1
    after = {**document, "number": number}
    tx.thresholds.append(
        ThresholdsRow(version_number=number, document=after, actor_id=by, at_ns=at_ns, request_number=request)
    )
    return f"version {number} of the thresholds is in force"
