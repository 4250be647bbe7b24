"""What a stored request comes to now: its content over the home as it stands."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gates.changes.content import SPENDING, THRESHOLDS, change_of
from gates.changes.documents import Document
from gates.changes.gathering import leaves_no_admin, thresholds_change
from gates.changes.spending import SpendingDocument, spending_change
from gates.policy.intent import Change, OperatorChange
from gates.store.port import Transaction


def as_things_stand(
    tx: Transaction, kind: str, content: Mapping[str, Any], base: Document, now_ns: int
) -> Change:
    """The change that a stored content asks for, as the home stands now."""
    if kind == THRESHOLDS:
        return thresholds_change(tx, content["thresholds"])
    if kind == SPENDING:
        return spending_change(tx, SpendingDocument(content["name"]), content["document"])
    change = change_of(kind, content, base)
    # Only roles that take the place of others can take power away.
    if not isinstance(change, OperatorChange) or content["wish"]["deed"] != "roles":
        return change
    lost = leaves_no_admin(tx, change.operator_id, change.roles, now_ns)
    return replace(change, leaves_no_admin=lost)
