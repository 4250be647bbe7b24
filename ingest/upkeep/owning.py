"""Own a telemetry file without opening it as a database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import StoreInUse

_HEADER = 4096


@contextmanager
def owned(path: Path) -> Iterator[os.stat_result]:
    """Hold the very lock that DuckDB takes on the file at `path`: nobody else opens it in the block.

    Only where this process has not opened it itself: then leaving the block would give that lock away.
    Yields which file it is. Raises `StoreInUse` and `OSError`, also for a link.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreInUse(
                f"the telemetry store `{path}` is in use by another process; let it finish, then try again"
            ) from error
        yield os.fstat(descriptor)
        _spoil_if_gone(descriptor)
    finally:
        os.close(descriptor)


def _spoil_if_gone(descriptor: int) -> None:
    """Make a file that has no name any more no database.

    Another process may have opened it just before its name went, and waits for the lock: what it stored
    there would be lost with the file. Now it finds a file that is none, and looks at the path again.
    """
    if os.fstat(descriptor).st_nlink == 0:
        os.pwrite(descriptor, bytes(_HEADER), 0)
