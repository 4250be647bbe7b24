"""Bring what was recorded of runs into the store, each line once."""

import os
import stat
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.runs.lines import Run, read_run
from ingest.store import TelemetryStore
from ingest.store.failures import in_words

_BLOCK = 4 << 20
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_KNOWN = 'SELECT name, inode, "offset", accepted, refused FROM run_file'


def take_in_runs(store: TelemetryStore, folder: Path) -> None:
    """Read what is new in the files of `folder`. What cannot be read is not known, and no failure.

    Raises `StoreError`.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".jsonl"))
    except OSError:
        return
    if not names:
        return
    with store.cursor() as cursor, in_words(store.path):
        known = {row[0]: row[1:] for row in cursor.execute(_KNOWN).fetchall()}
    for name in names:
        _read(store, folder / name, known.get(name))


def unread_bytes(cursor: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """How many bytes of the files of `folder` were not read; 0 where it cannot be looked at."""
    known = {row[0]: row[1:] for row in cursor.execute(_KNOWN).fetchall()}
    missing = 0
    try:
        for entry in os.scandir(folder):
            if entry.name.endswith(".jsonl"):
                status = entry.stat(follow_symlinks=False)
                inode, offset, *_ = known.get(entry.name, (0, 0))
                missing += max(0, status.st_size - (offset if inode == status.st_ino else 0))
    except OSError:
        return missing
    return missing


def _read(store: TelemetryStore, path: Path, known: tuple[int, int, int, int] | None) -> None:
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            return
        if known is None or known[0] != status.st_ino or status.st_size < known[1]:
            known = (status.st_ino, 0, 0, 0)
        if status.st_size == known[1]:
            return
        descriptor = os.open(path, _OPEN)
    except OSError:
        return
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while True:
            try:
                file.seek(known[1])
                block = file.read(_BLOCK)
            except OSError:
                return
            end = block.rfind(b"\n") + 1
            if end == 0 and len(block) < _BLOCK:
                return  # a line that is still being written
            known = _store(store, path.name, known, block[:end] or block)


def _store(
    store: TelemetryStore, name: str, known: tuple[int, int, int, int], block: bytes
) -> tuple[int, int, int, int]:
    inode, offset, accepted, refused = known
    lines = [line for line in block.split(b"\n") if line.strip()]
    runs = [run for line in lines if (run := read_run(line)) is not None]
    now = (inode, offset + len(block), accepted + len(runs), refused + len(lines) - len(runs))
    with store.transaction() as cursor:
        if runs:
            _insert(cursor, runs)
        cursor.execute("DELETE FROM run_file WHERE name = ?", [name])
        cursor.execute("INSERT INTO run_file VALUES (?, ?, ?, ?, ?)", [name, *now])
    return now


def _insert(cursor: duckdb.DuckDBPyConnection, runs: list[Run]) -> None:
    columns = {name: [getattr(run, name) for run in runs] for name in Run.__struct_fields__}
    cursor.register("ended", pa.table(columns))
    try:
        cursor.execute("INSERT INTO exec_run BY NAME SELECT * FROM ended")
    finally:
        cursor.unregister("ended")
