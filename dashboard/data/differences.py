"""What differs between two JSON values, in words. Pure."""

import json
from collections.abc import Iterator
from typing import Any

NOTHING = "nothing"
_LONGEST = 400


def differences(before: Any, after: Any, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Each place that differs, as (where, before, after); `nothing` where there was, or is, no such place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            inner = f"{name}.{key}" if name else str(key)
            if key not in before:
                yield inner, NOTHING, _said(after[key])
            elif key not in after:
                yield inner, _said(before[key]), NOTHING
            else:
                yield from differences(before[key], after[key], inner)
    elif isinstance(before, list) and isinstance(after, list) and _are_named(before) and _are_named(after):
        yield from differences(_by_id(before), _by_id(after), name)
    elif isinstance(before, list) and isinstance(after, list):
        gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
        if gone or new:
            yield name, _said(gone) if gone else NOTHING, _said(new) if new else NOTHING
        elif before != after:
            yield name, _said(before), _said(after)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield (
            name or "value",
            NOTHING if before is None else _said(before),
            (NOTHING if after is None else _said(after)),
        )


def _are_named(values: list[Any]) -> bool:
    return all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in values)


def _by_id(values: list[Any]) -> dict[str, Any]:
    return {one["id"]: one for one in values}


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
