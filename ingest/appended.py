# ruff: noqa: S608 -- the name of one of two tables put in; values are always parameters
"""Read the files of a folder that are only ever appended to, each line once.

How far a file was read stands in the store, kept in the same transaction as what its lines said. A file is
told by its name and by the bytes before that place, so that a home that was copied is not read again.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Literal, TypeVar

import duckdb

from ingest.store import TelemetryStore
from ingest.store.failures import in_words

_BLOCK = 4 << 20
_TAIL = 4096
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

T = TypeVar("T")
"""What one line says."""


@dataclass(frozen=True, slots=True)
class _Known:
    inode: int
    offset: int
    accepted: int
    refused: int
    tail: bytes | None


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
                    offset = before.offset if before and before.offset <= status.st_size else 0
                    missing += max(0, status.st_size - offset)
        except OSError:
            return missing
        return missing

    def _known(self, cursor: duckdb.DuckDBPyConnection) -> dict[str, _Known]:
        query = f'SELECT name, inode, "offset", accepted, refused, tail FROM {self.files}'
        return {name: _Known(*counts) for name, *counts in cursor.execute(query).fetchall()}

    def _read(self, store: TelemetryStore, path: Path, known: _Known | None) -> None:
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode):
                return
            if known is not None and (status.st_ino, status.st_size) == (known.inode, known.offset):
                return
            descriptor = os.open(path, _OPEN)
        except OSError:
            return
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            try:
                is_same = known is not None and _goes_on(descriptor, known, status)
            except OSError:
                return
            if known is None or not is_same:
                known = _Known(status.st_ino, 0, 0, 0, None)
            known = replace(known, inode=status.st_ino)
            while True:
                try:
                    file.seek(known.offset)
                    block = file.read(_BLOCK)
                    end = block.rfind(b"\n") + 1
                    if end == 0 and len(block) < _BLOCK:
                        return  # a line that is still being written
                    whole = block[:end] or block
                    tail = _tail(descriptor, known.offset + len(whole))
                except OSError:
                    return
                known = self._store(store, path.name, known, whole, tail)

    def _store(self, store: TelemetryStore, name: str, known: _Known, block: bytes, tail: bytes) -> _Known:
        lines = [line for line in block.split(b"\n") if line.strip()]
        said = [found for line in lines if (found := self.read(line)) is not None]
        known = _Known(
            known.inode,
            known.offset + len(block),
            known.accepted + len(said),
            known.refused + len(lines) - len(said),
            tail,
        )
        with store.transaction() as cursor:
            if said:
                self.keep(cursor, said)
            cursor.execute(f"DELETE FROM {self.files} WHERE name = ?", [name])
            cursor.execute(
                f"INSERT INTO {self.files} VALUES (?, ?, ?, ?, ?, ?)",
                [name, known.inode, known.offset, known.accepted, known.refused, known.tail],
            )
        return known


def _goes_on(descriptor: int, known: _Known, status: os.stat_result) -> bool:
    """Whether the file holds what was read of it. Raises `OSError`."""
    if status.st_size < known.offset:
        return False
    if known.tail is None:  # a row from before there was one
        return known.inode == status.st_ino
    return _tail(descriptor, known.offset) == known.tail


def _tail(descriptor: int, offset: int) -> bytes:
    """The digest of the last bytes before `offset`. Raises `OSError`."""
    begin = max(0, offset - _TAIL)
    return hashlib.sha256(os.pread(descriptor, offset - begin, begin)).digest()
