"""Budget and price table as JSON, and how far each limit is used."""

from typing import Any

from gates.changes.service import ChangeService
from gates.changes.spending import Held, SpendingDocument
from gates.controls.instant import timestamp
from gates.errors import StoreCorrupt
from gates.spending.budget import Standing


def held(service: ChangeService, name: SpendingDocument) -> Held | None:
    """The document in force, null where nobody set one. Raises `StoreCorrupt`."""
    try:
        return service.spending_document(name)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreCorrupt(
            f"the {name.value} in the store cannot be read ({type(error).__name__}); set it anew"
        ) from error


def document(found: Held | None) -> dict[str, Any]:
    """The document, its version and who put it in force; version 0 where nobody did."""
    if found is None:
        return {"version": 0, "document": None, "by": None, "at": None}
    return {
        "version": found.version,
        "document": dict(found.document),
        "by": found.actor_id,
        "at": timestamp(found.at_ns),
    }


def used(one: Standing) -> dict[str, Any]:
    """One limit today; `unknown` says what is not in `used`, null: nothing."""
    return {
        "limit": one.limit.value,
        "used": float(one.used),
        "of": float(one.most),
        "unit": one.unit,
        "unknown": one.unknown,
    }
