"""Audit records in words, and words on stdout. What somebody typed cannot move the terminal's cursor."""

import json
import os
import sys
from typing import Any

from gates.errors import HomeError


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


def put(line: str) -> None:
    """One line on stdout. Raises `HomeError` if it cannot be written, `BrokenPipeError` if nobody reads."""
    if sys.stdout is None:
        raise HomeError("stdout is closed; give it a reader or a file")
    try:
        print(line, flush=True)  # noqa: T201
    except BrokenPipeError:
        drop_output()
        raise
    except OSError as error:
        drop_output()
        said = (error.strerror or "failed").lower()
        raise HomeError(f"stdout cannot be written: {said}; name a file on a disk with room") from error


def drop_output() -> None:
    """Send what is still buffered nowhere, so that leaving does not fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
