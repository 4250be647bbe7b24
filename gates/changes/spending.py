"""Budget and price table of a home, as the store holds them, and what another document comes to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from gates.changes.gathering import SPENDING_VERSION, spending_version
from gates.errors import InvalidChange
from gates.policy.spending_change import SpendingChange
from gates.spending.budget import Budget, budget
from gates.spending.loosening import budget_loosens, prices_loosen
from gates.spending.prices import PriceTable, price_table
from gates.store.port import Transaction
from schemas import check


class SpendingDocument(StrEnum):
    """The two documents, by the names of their settings."""

    BUDGET = "budget"
    PRICES = "prices"


CONTRACT = {SpendingDocument.BUDGET: "budget.v1", SpendingDocument.PRICES: "prices.v1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A document in force, since which version, and who put it there, at `at_ns` epoch nanoseconds."""

    version: int
    document: Mapping[str, Any]
    actor_id: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a home may spend, and what things cost; null: nobody said. `version` counts changes of either.

    `unreadable` says what stands in the store that this slotgate cannot read.
    """

    version: int
    budget: Budget | None
    prices: PriceTable | None
    unreadable: str | None = None


def spending_in_force(tx: Transaction) -> Spending:
    """What the store holds. What cannot be read was meant to protect, and is told apart from nothing."""
    version = spending_version(tx)
    try:
        limits, prices = held(tx, SpendingDocument.BUDGET), held(tx, SpendingDocument.PRICES)
        return Spending(
            version=version,
            budget=None if limits is None else budget(limits.document),
            prices=None if prices is None else price_table(prices.document),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        said = (
            f"budget and prices in the store cannot be read ({type(error).__name__}); set them anew with "
            "`slotgate budget set` and `slotgate prices set`"
        )
        return Spending(version=version, budget=None, prices=None, unreadable=said)


def held(tx: Transaction, name: SpendingDocument) -> Held | None:
    """A document as it was put in force, or null. Raises `ValueError`, `KeyError` or `TypeError`."""
    text = tx.settings.get(name.value)
    if text is None:
        return None
    kept = json.loads(text)
    if found := check.problems(CONTRACT[name], kept["document"]):
        raise ValueError(found[0])
    return Held(
        version=int(kept["version"]), document=kept["document"], actor_id=kept["by"], at_ns=int(kept["at"])
    )


def spending_change(tx: Transaction, name: SpendingDocument, document: Mapping[str, Any]) -> SpendingChange:
    """What a document comes to over what is in force. Raises `InvalidChange`."""
    now = spending_in_force(tx)
    try:
        match name:
            case SpendingDocument.BUDGET:
                wanted = budget(document)
                loosens, same = budget_loosens(now.budget, wanted), wanted == now.budget
            case SpendingDocument.PRICES:
                table = price_table(document)
                loosens, same = prices_loosen(now.budget, now.prices, table), table == now.prices
            case _:
                assert_never(name)
    except ValueError as error:
        raise InvalidChange(str(error)) from error
    if now.unreadable is not None:
        loosens = (now.unreadable,)
    return SpendingChange(loosens=loosens, same=same)


def put_in_force(
    tx: Transaction, name: SpendingDocument, document: Mapping[str, Any], *, by: str, at_ns: int
) -> str:
    """Make a document the next version; what was done, in words."""
    version = spending_version(tx) + 1
    kept = {"version": version, "by": by, "at": at_ns, "document": dict(document)}
    tx.settings.set(name.value, json.dumps(kept, separators=(",", ":")))
    tx.settings.set(SPENDING_VERSION, str(version))
    return f"the {name} is in force, version {version}"
