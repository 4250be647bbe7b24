"""Audit records in words. What somebody typed cannot move the terminal's cursor."""

import json
from typing import Any


def row_in_words(value: dict[str, Any]) -> str:
    """One line: number, time, who, what, how it ended."""
    judged = value.get("outcome")
    ended = "" if judged is None else f"{judged} in {value.get('mode')}"
    codes = " ".join(value.get("reason_codes") or ())
    late = "late" if value.get("late") else ""
    reason = json.dumps(value["reason"], ensure_ascii=False) if value.get("reason") else ""
    parts = [
        str(value.get("seq")),
        str(value.get("time")),
        str(value.get("actor")),
        str(value.get("action")),
        str(value.get("target")),
        ended,
        codes,
        late,
        reason,
    ]
    return "  ".join(printable(part) for part in parts if part)


def record_in_words(value: dict[str, Any]) -> str:
    """One line a field, in reading order; what is null is left out."""
    lines = []
    for name, field in value.items():
        if field in (None, [], False):
            continue
        text = field if isinstance(field, str) else json.dumps(field, ensure_ascii=False)
        lines.append(f"{printable(name)}: {printable(text)}")
    return "\n".join(lines)


def printable(text: str) -> str:
    """`text` on one line, without control characters."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
