"""Whether the files of the archive are in their place and whole.

Their names and sizes are looked at for a list; their digests before their rows are read, because a Parquet
file whose bytes changed may still be read, with other values.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.archive.part import Part, kind_of
from ingest.archive.writing import digest_of
from ingest.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Looked:
    """A part, and why its rows cannot be had; null: they can, as far as was looked."""

    part: Part
    wrong: str | None

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {**self.part.as_record(), "wrong": self.wrong}


Look = Callable[[Path, Part], str | None]


def look(folder: Path, parts: Iterable[Part], at: Look) -> tuple[Looked, ...]:
    """Each part with what is wrong with its file; `at` is `its_size` or `its_digest`."""
    return tuple(Looked(part, at(folder, part)) for part in parts)


def its_size(folder: Path, part: Part) -> str | None:
    """Why the file of a part cannot be it, by its place and size; null: it may be."""
    path = folder / part.name
    try:
        found = path.stat()
        if not path.is_file():
            return "it is no file"
    except FileNotFoundError:
        return "it is not in its place"
    except OSError as error:
        return f"it cannot be looked at: {(error.strerror or 'failed').lower()}"
    if found.st_size != part.bytes:
        return f"it has {found.st_size:,} bytes instead of {part.bytes:,}"
    return None


def its_digest(folder: Path, part: Part) -> str | None:
    """Why the file of a part is not the one that was written, by every byte of it; null: it is."""
    wrong = its_size(folder, part)
    if wrong is not None:
        return wrong
    try:
        return None if digest_of(folder / part.name) == part.sha256 else "its bytes are not those written"
    except OSError as error:
        return f"it cannot be read: {(error.strerror or 'failed').lower()}"


def unrecorded(folder: Path, parts: Iterable[Part]) -> tuple[str, ...]:
    """Files of `folder` that could be parts by their names and are not on record, sorted.

    Raises `ArchiveError` where the folder cannot be listed; one that is not there holds none.
    """
    known = {part.name for part in parts}
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name for entry in entries if kind_of(entry.name) is not None and entry.name not in known
            ]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ArchiveError(
            f"the archive `{folder}` cannot be listed: {(error.strerror or 'failed').lower()}; "
            "make it readable"
        ) from error
    return tuple(sorted(found))
