"""What a command says on stdout: in any encoding, harmless to a terminal, and into a closed pipe."""

import json
import os
import sys
from contextlib import suppress
from typing import Any

from gates.errors import HomeError


def say(text: str) -> None:
    """Print `text`, which may quote logs: characters that a terminal would obey are shown as escapes.

    Raises `HomeError` when it cannot be written.
    """
    _write(harmless(text))


def harmless(text: str) -> str:
    """`text` with what a terminal would obey as escapes; line ends stay."""
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text)


def say_json(document: Any) -> None:
    """Print one JSON object on one line, in ASCII. Raises `HomeError` when it cannot be written."""
    _write(json.dumps(document))


def complain(line: str) -> None:
    """One line on stderr, after `slotgate: `. It may quote what anybody wrote, so it moves no terminal.

    Where stderr cannot be written, as on a full disk, nobody is told, and what the command does goes on.
    """
    if sys.stderr is not None:  # `print` would take stdout in its place
        with suppress(OSError):
            print(f"slotgate: {harmless(line)}", file=sys.stderr, flush=True)  # noqa: T201  the one way


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _write(text: str) -> None:
    with suppress(BrokenPipeError):  # whoever read it has seen enough
        put(text)


def put(text: str) -> None:
    """Print `text` as it is. Raises `HomeError` where that fails, `BrokenPipeError` where nobody reads."""
    # Closed before the command started, Python has none.
    if sys.stdout is None:
        raise HomeError("stdout is closed; give the command one to write to")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)  # noqa: T201  the one way
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
