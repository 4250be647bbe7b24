"""JSON objects as text in a column."""

import json
from typing import Any

from gates.store.rows import Json


def encoded(value: Json) -> str:
    """One text for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def decoded(text: str) -> dict[str, Any]:
    """The value that was encoded."""
    return dict(json.loads(text))
