"""Read a small file that others replace: the whole content of one moment, or the reason why not.

`CheckedFile` is asked before every decision and must cost microseconds: one `stat`, and the content
again only when the file changed. It holds no thread, no descriptor and no lock, so it survives fork.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

LIMIT = 8 * 1024 * 1024
"""The most bytes that a control file or an allowlist file may have."""

_READS = 4
# File times come from the kernel's tick, some milliseconds coarse: two writes within one tick can
# leave the same times, and a freed inode number can come back. A file younger than this is
# therefore read again, as git does with its index.
_SETTLED_AFTER_NS = 100_000_000

Key = tuple[int, int, int, int, int]
T = TypeVar("T")


class Unreadable(Exception):
    """The file has no content to rely on; the message says why."""


def key_of(status: os.stat_result) -> Key:
    """What changes when the content may have changed."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size, status.st_dev


def read(path: Path) -> tuple[os.stat_result, bytes]:
    """The content of the regular file at `path`, and its status at that moment.

    Never waits for another process. Raises `Unreadable`.
    """
    try:
        for _ in range(_READS):
            _require_small_regular(path.stat())  # before open: opening a device can have effects
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            try:
                before = os.fstat(descriptor)
                _require_small_regular(before)
                data = _read_to(descriptor, before.st_size + 1)
                after = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            if key_of(before) == key_of(after) and len(data) == before.st_size:
                return before, data
    except OSError as error:
        raise Unreadable(in_words(error)) from error
    except ValueError as error:
        raise Unreadable(f"not a usable path: {error}") from error
    raise Unreadable("changes while it is read")


def in_words(error: OSError) -> str:
    """The cause of `error`, lower case."""
    return "missing" if error.errno == errno.ENOENT else (error.strerror or str(error)).lower()


def _require_small_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("not a regular file")
    if status.st_size > LIMIT:
        raise Unreadable(f"larger than {LIMIT} bytes")


def _read_to(descriptor: int, limit: int) -> bytes:
    pieces = []
    while limit > 0 and (piece := os.read(descriptor, limit)):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    """What was last read. `key` is null where the content must be read again next time."""

    key: Key | None
    data: bytes
    value: T


class CheckedFile(Generic[T]):
    """The value of the file at `path`, never older than the call.

    `load` makes the value of the content and must not raise; `unknown` makes it of the reason why
    there is no content to rely on.
    """

    def __init__(self, path: Path, load: Callable[[bytes], T], unknown: Callable[[str], T]) -> None:
        self._path = path
        self._stat = partial(os.stat, os.fspath(path))  # a quarter of the cost of Path.stat
        self._load = load
        self._unknown = unknown
        self._held: _Held[T] | None = None

    def current(self) -> T:
        """The value now. Never raises."""
        held = self._held
        try:
            if held is not None and held.key is not None and held.key == key_of(self._stat()):
                return held.value
            return self._read(held)
        except Unreadable as error:
            reason = str(error)
        except OSError as error:
            reason = in_words(error)
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is known
            reason = f"cannot be read: {type(error).__name__}"
        self._held = None
        return self._unknown(reason)

    def _read(self, held: _Held[T] | None) -> T:
        status, data = read(self._path)
        value = held.value if held is not None and held.data == data else self._load(data)
        age = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)
        # One assignment, so that threads see the old state or the new one.
        self._held = _Held(key_of(status) if age > _SETTLED_AFTER_NS else None, data, value)
        return value
