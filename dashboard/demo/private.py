"""Small files of the demo's home: for this user alone, there whole or not at all."""

import os
from pathlib import Path

PRIVATE_FILE = 0o600


def write_private(path: Path, text: str) -> None:
    """Write `text`, in place of what was there."""
    draft = path.with_name(f".{path.name}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    draft.replace(path)
