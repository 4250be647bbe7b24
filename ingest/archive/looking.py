"""Whether the files of the archive are in their place and whole.

Their names and sizes are looked at for a list; their digests before their rows are read, because a Parquet
file whose bytes changed may still be read, with other values.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Any, assert_never

import duckdb

from ingest.archive.describing import digest_of
from ingest.archive.part import Kind, Part, kind_of, parts
from ingest.errors import ArchiveError


@unique
class Depth(StrEnum):
    """How far a file is looked at: its place and size, or every byte of it."""

    SIZE = "size"
    EVERY_BYTE = "every byte"


@dataclass(frozen=True, slots=True)
class Looked:
    """A part, and why its rows cannot be had; null: they can, as far as was looked."""

    part: Part
    wrong: str | None

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {**self.part.as_record(), "wrong": self.wrong}


@dataclass(frozen=True, slots=True)
class Archive:
    """All parts on record, and files that could be parts by their names and are not on record, sorted."""

    parts: tuple[Looked, ...] = ()
    unrecorded: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Looked, ...]:
        """The parts whose rows cannot be had."""
        return tuple(one for one in self.parts if one.wrong is not None)

    @property
    def read(self) -> tuple[Looked, ...]:
        """The parts whose rows can be had."""
        return tuple(one for one in self.parts if one.wrong is None)

    def as_record(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "parts": [one.as_record() for one in self.parts],
            "missing": len(self.missing),
            "unrecorded": list(self.unrecorded),
        }


def look(
    cursor: duckdb.DuckDBPyConnection, folder: Path, depth: Depth, since_ns: int | None = None
) -> Archive:
    """What became of the files in `folder`; with `since_ns`, parts without lines from then on are left out.

    Raises `ArchiveError` where the folder cannot be listed; DuckDB's errors leave as they are.
    """
    every = parts(cursor)
    asked = [
        one for one in every if since_ns is None or (one.last_ns is not None and one.last_ns >= since_ns)
    ]
    return Archive(
        tuple(Looked(part, _wrong_with(folder, part, depth)) for part in asked), unrecorded(folder, every)
    )


def lines_of(looked: Iterable[Looked]) -> int:
    """How many lines of telemetry parts hold by the record."""
    return sum(one.part.rows for one in looked if one.part.kind is Kind.TELEMETRY)


def unrecorded(folder: Path, parts: Iterable[Part]) -> tuple[str, ...]:
    """Files of `folder` that could be parts by their names and are not on record, sorted.

    Raises `ArchiveError` where the folder cannot be listed; one that is not there holds none.
    """
    known = {part.name for part in parts}
    try:
        with os.scandir(folder) as entries:
            found = [one.name for one in entries if kind_of(one.name) is not None and one.name not in known]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ArchiveError(
            f"the archive `{folder}` cannot be listed: {(error.strerror or 'failed').lower()}; "
            "make it readable"
        ) from error
    return tuple(sorted(found))


def _wrong_with(folder: Path, part: Part, depth: Depth) -> str | None:
    """Why a file is not the one that was written, as far as is looked."""
    path = folder / part.name
    try:
        found = path.stat()
        if not path.is_file():
            return "it is no file"
        if found.st_size != part.bytes:
            return f"it has {found.st_size:,} bytes instead of {part.bytes:,}"
        match depth:
            case Depth.SIZE:
                return None
            case Depth.EVERY_BYTE:
                return None if digest_of(path) == part.sha256 else "its bytes are not those written"
            case _:
                assert_never(depth)
    except (FileNotFoundError, NotADirectoryError):
        return "it is not in its place"
    except OSError as error:
        return f"it cannot be read: {(error.strerror or 'failed').lower()}"
