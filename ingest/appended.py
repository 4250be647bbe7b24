# ruff: noqa: S608 -- the name of one of two tables put in; values are always parameters
"""Read the files of a folder that are only ever appended to, each line once.

How far a file was read stands in the store, kept in the same transaction as what its lines said.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

import duckdb

from ingest.store import TelemetryStore
from ingest.store.failures import in_words

_BLOCK = 4 << 20
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

T = TypeVar("T")
"""What one line says."""


@dataclass(frozen=True, slots=True)
class _Known:
    inode: int
    offset: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended(Generic[T]):
    """One kind of such files: `files` is the table of how far each was read.

    `read` makes of a line what it says, null where it is refused; `keep` keeps what those of a block said.
    """

    files: Literal["run_file", "spec_file"]
    read: Callable[[bytes], T | None]
    keep: Callable[[duckdb.DuckDBPyConnection, list[T]], None]

    def take_in(self, store: TelemetryStore, folder: Path) -> None:
        """Read what is new in `folder`. What cannot be read is not known, and no failure.

        Raises `StoreError`.
        """
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".jsonl"))
        except OSError:
            return
        if not names:
            return
        with store.cursor() as cursor, in_words(store.path):
            known = self._known(cursor)
        for name in names:
            self._read(store, folder / name, known.get(name))

    def unread_bytes(self, cursor: duckdb.DuckDBPyConnection, folder: Path) -> int:
        """How many bytes of the files of `folder` were not read; 0 where it cannot be looked at."""
        known = self._known(cursor)
        missing = 0
        try:
            for entry in os.scandir(folder):
                if entry.name.endswith(".jsonl"):
                    status = entry.stat(follow_symlinks=False)
                    before = known.get(entry.name)
                    offset = before.offset if before and before.inode == status.st_ino else 0
                    missing += max(0, status.st_size - offset)
        except OSError:
            return missing
        return missing

    def _known(self, cursor: duckdb.DuckDBPyConnection) -> dict[str, _Known]:
        query = f'SELECT name, inode, "offset", accepted, refused FROM {self.files}'
        return {name: _Known(*counts) for name, *counts in cursor.execute(query).fetchall()}

    def _read(self, store: TelemetryStore, path: Path, known: _Known | None) -> None:
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode):
                return
            if known is None or known.inode != status.st_ino or status.st_size < known.offset:
                known = _Known(status.st_ino, 0, 0, 0)
            if status.st_size == known.offset:
                return
            descriptor = os.open(path, _OPEN)
        except OSError:
            return
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            while True:
                try:
                    file.seek(known.offset)
                    block = file.read(_BLOCK)
                except OSError:
                    return
                end = block.rfind(b"\n") + 1
                if end == 0 and len(block) < _BLOCK:
                    return  # a line that is still being written
                known = self._store(store, path.name, known, block[:end] or block)

    def _store(self, store: TelemetryStore, name: str, known: _Known, block: bytes) -> _Known:
        lines = [line for line in block.split(b"\n") if line.strip()]
        said = [found for line in lines if (found := self.read(line)) is not None]
        known = _Known(
            known.inode,
            known.offset + len(block),
            known.accepted + len(said),
            known.refused + len(lines) - len(said),
        )
        with store.transaction() as cursor:
            if said:
                self.keep(cursor, said)
            cursor.execute(f"DELETE FROM {self.files} WHERE name = ?", [name])
            cursor.execute(
                f"INSERT INTO {self.files} VALUES (?, ?, ?, ?, ?)",
                [name, known.inode, known.offset, known.accepted, known.refused],
            )
        return known
