"""What a command says on stdout: in any encoding, harmless to a terminal, and into a closed pipe."""

import json
import os
import sys
from typing import Any


def say(text: str) -> None:
    """Print `text`, which may quote logs: characters that a terminal would obey are shown as escapes."""
    _write("".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text))


def say_json(document: Any) -> None:
    """Print one JSON object on one line, in ASCII."""
    _write(json.dumps(document))


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)  # noqa: T201
    except BrokenPipeError:
        # Whoever read it has seen enough. Nothing more can be written, also not when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
