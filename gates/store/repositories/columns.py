"""Values as they stand in columns. What nobody could have written there is damage, and is said."""

import json
from enum import StrEnum
from typing import Any, TypeVar

from gates.errors import StoreCorrupt
from gates.store.rows import Json

Word = TypeVar("Word", bound=StrEnum)


def encoded(value: Json) -> str:
    """A JSON object as one text, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def decoded(text: str) -> dict[str, Any]:
    """The object that was encoded. Raises `StoreCorrupt`."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise _damage(text) from error
    if not isinstance(value, dict):
        raise _damage(text)
    return value


def word(kind: type[Word], text: str) -> Word:
    """The member of a closed set of words. Raises `StoreCorrupt`."""
    try:
        return kind(text)
    except ValueError as error:
        raise _damage(text) from error


def _damage(text: object) -> StoreCorrupt:
    return StoreCorrupt(f"the store holds `{str(text)[:40]}` where that cannot be; restore a backup")
