"""Budget and price table as a guarded change, each version on record with its whole document.

What takes something off the guard takes two people, like a widening: a limit that rises or goes, and,
under a limit of money, a price that falls or goes. All else one admin puts in force alone.
"""

from collections.abc import Mapping
from typing import Any

from gates.changes.answers import Answer
from gates.changes.content import SPENDING, Terms, spending_content
from gates.changes.desk import ID, Desk
from gates.changes.gathering import spending_version
from gates.changes.requests import opened
from gates.changes.spending import (
    CONTRACT,
    SpendingDocument,
    held,
    put_in_force,
    spending_change,
    spending_in_force,
)
from gates.errors import InvalidChange
from gates.policy.intent import Actor, Moment
from gates.policy.review import gives_more
from gates.store.port import Transaction
from schemas import check


def propose_spending(
    desk: Desk, actor: Actor, name: SpendingDocument, document: Mapping[str, Any], terms: Terms
) -> Answer:
    """Put in force at once what takes nothing off the guard; open a request for all else.

    Raises `InvalidChange` for a document that is none, or not for this home.
    """
    if found := check.problems(CONTRACT[name], document):
        raise InvalidChange(f"not a {CONTRACT[name]} document: {found[0]}")
    with desk.store.begin() as tx:
        change = spending_change(tx, name, document)
        _require_fitting(tx, name, document)
        content = spending_content(name.value, document, change.loosens, terms)
        judged = desk.judge(
            tx,
            actor,
            Moment.PROPOSE,
            change,
            row=None,
            base_revision=spending_version(tx),
            terms=terms,
            content=content,
        )
        if gives_more(change, judged.state, ()):
            return opened(desk, tx, judged, SPENDING, content, terms)
        before, mode, words = _document(tx, name), judged.state.mode, f"refused; the {name} stays as it is"
        if judged.decision.allow:
            words = put_in_force(tx, name, document, by=actor.actor_id, at_ns=judged.now_ns)
        after = dict(document) if judged.decision.allow else None
        desk.record(tx, judged, name.value, target=SPENDING, before=before, after=after)
        return Answer(decision=judged.decision, mode=mode, words=words)


def _require_fitting(tx: Transaction, name: SpendingDocument, document: Mapping[str, Any]) -> None:
    if name is not SpendingDocument.BUDGET:
        return
    environment = tx.settings.get(ID)
    if document["environment"] != environment:
        raise InvalidChange(
            f"this budget is for environment `{document['environment']}`, and this home is `{environment}`; "
            "name the right one"
        )
    currency, prices = document.get("currency"), spending_in_force(tx).prices
    if currency is not None and (prices is None or prices.currency != currency):
        raise InvalidChange(
            f"a limit of money needs a price table in {currency}; set one with `slotgate prices set` first"
        )


def _document(tx: Transaction, name: SpendingDocument) -> dict[str, Any] | None:
    """What is replaced, for the record; what cannot be read is left out of it."""
    try:
        found = held(tx, name)
    except (ValueError, KeyError, TypeError):
        return None
    return None if found is None else dict(found.document)
