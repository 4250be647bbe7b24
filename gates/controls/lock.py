"""One publisher at a time, yet nobody waits for ever.

The lock is `flock` on a file, so it ends with its holder's process. A holder that lives but does
not move (stopped, or stuck on a disk) can be dispossessed: the lock file is unlinked, and the
holder, who checks `still_held` right before it replaces anything, gives up.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gates.controls.durable import PRIVATE_FILE
from gates.errors import PublishFailed

_POLL_SECONDS = 0.01
_SEIZE_SECONDS = 1.0
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class PublishLock:
    """Held between `acquired` and its end; `seconds` bounds the wait."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._descriptor: int | None = None

    @contextmanager
    def acquired(self) -> Iterator[None]:
        """Hold the lock for the length of the block.

        Raises `PublishFailed` when another publisher keeps it, `OSError` when it cannot be made.
        """
        self._descriptor = self._wait(self._seconds)
        try:
            yield
        finally:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def seized(self) -> Iterator[None]:
        """Hold the lock for the length of the block, at need by taking it from a holder that does not end.

        On a disk that has no room for the lock file the block runs without it: it stops things, and
        stopping does not wait for a disk.
        """
        seconds = min(self._seconds, _SEIZE_SECONDS)
        try:
            self._descriptor = self._wait(seconds)
        except PublishFailed:
            with suppress(OSError):
                self._path.unlink()
            with suppress(OSError, PublishFailed):
                self._descriptor = self._wait(seconds)
        except OSError:
            self._descriptor = None
        try:
            yield
        finally:
            if self._descriptor is not None:
                os.close(self._descriptor)
            self._descriptor = None

    def still_held(self) -> None:
        """Raise `PublishFailed` when another publisher took the lock away."""
        if self._descriptor is not None and not self._is_named(self._descriptor):
            raise PublishFailed(
                "another publisher took over; look at what is in force now, then publish again"
            )

    def _wait(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        while True:
            descriptor = os.open(self._path, _FLAGS, PRIVATE_FILE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            else:
                if self._is_named(descriptor):
                    return descriptor
                os.close(descriptor)  # unlinked between open and lock
            if time.monotonic() >= end:
                raise PublishFailed(
                    f"another publisher has held `{self._path}` for {seconds:g} s; wait for it or end it"
                )
            time.sleep(_POLL_SECONDS)

    def _is_named(self, descriptor: int) -> bool:
        try:
            named = self._path.stat()
        except OSError:
            return False
        return os.path.samestat(named, os.fstat(descriptor))
