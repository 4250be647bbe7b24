# ruff: noqa: S608 -- names of this module put together; values are always parameters
"""Remove files of the spool, and of specs and runs, of which every line was read and is gone.

A file goes when it is what was read to its end, was last written before the bound, none of its lines is
stored any more, and no process can write to it: the kernel gives a read lease on a file to nobody while it is
open for writing anywhere. Readers, as a server that follows it, do no harm. What cannot be told so, as on a
file system without leases, stays. The catalog keeps what the file was, so that a copy that comes back is not
read again.
"""

import fcntl
import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from ingest.store import TelemetryStore
from ingest.store.failures import in_words

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_IS_ASIDE = re.compile(r"\.\d{19}\.log$")
_READ = """
SELECT f.path, f.inode, f.size, f.mtime_ns FROM source_file f JOIN source s USING (source_id)
WHERE s.trust = 'managed' AND starts_with(f.path, $folder) AND f.mtime_ns < $before
    AND f.covered = s.ending."offset" AND s.checkpoint."offset" = s.ending."offset"
    AND s.source_id NOT IN (SELECT source_id FROM telemetry UNION SELECT source_id FROM quarantine)
ORDER BY f.path
"""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a home keeps what ingest reads by itself."""

    spool: Path
    specs: Path
    runs: Path


@dataclass(frozen=True, slots=True)
class _ReadFile:
    path: Path
    inode: int
    size: int


def remove_old_files(store: TelemetryStore, folders: Folders, before_ns: int) -> int:
    """Remove what may go; how many files. Raises `StoreError`; a file that cannot be removed stays."""
    with store.cursor() as cursor, in_words(store.path):
        spooled = list(_spooled(cursor, folders.spool, before_ns))
        appended = [
            *_appended(cursor, "spec_file", folders.specs),
            *_appended(cursor, "run_file", folders.runs),
        ]
    return sum(_removed(one, before_ns, of_spool=True) for one in spooled) + sum(
        _removed(one, before_ns, of_spool=False) for one in appended
    )


def _spooled(cursor: duckdb.DuckDBPyConnection, folder: Path, before_ns: int) -> Iterator[_ReadFile]:
    asked = {"folder": f"{folder.resolve()}/", "before": before_ns}
    for path, inode, size, _ in cursor.execute(_READ, asked).fetchall():
        yield _ReadFile(Path(path), inode, size)


def _appended(
    cursor: duckdb.DuckDBPyConnection, table: Literal["spec_file", "run_file"], folder: Path
) -> Iterator[_ReadFile]:
    for name, inode, size in cursor.execute(f'SELECT name, inode, "offset" FROM {table}').fetchall():
        yield _ReadFile(folder / name, inode, size)


def _removed(known: _ReadFile, before_ns: int, *, of_spool: bool) -> bool:
    """Whether it is gone. A file of the spool is put aside first, as its writers do with a long one: who
    comes for it meanwhile begins another.
    """
    try:
        descriptor = os.open(known.path, _FLAGS)
    except OSError:
        return False
    try:
        found = os.fstat(descriptor)
        is_it = stat.S_ISREG(found.st_mode) and (found.st_ino, found.st_size) == (known.inode, known.size)
        if not is_it or found.st_mtime_ns >= before_ns:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path = _aside(known.path) if of_spool else known.path
        if not _is_without_writers(descriptor) or not os.path.samestat(found, os.lstat(path)):
            return False
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _aside(path: Path) -> Path:
    if _IS_ASIDE.search(path.name):
        return path
    aside = path.with_name(f"{path.stem}.{time.time_ns()}.log")
    path.rename(aside)
    return aside


def _is_without_writers(descriptor: int) -> bool:
    """Whether nobody has the file open for writing. Raises `OSError` where somebody has."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    # Who opens it to write in this moment makes the kernel send a signal, which would end this process.
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    with suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return True
