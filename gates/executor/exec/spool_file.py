"""The spool as runs under `slotgate exec` write it: lines of the CRI format, one writer a file at a time.

A run takes the first file of its source that nobody writes to, and holds its lock: so there are as many
files as runs at once, and what a run said is one stretch of one file. The lock ends with the last process
that holds it, whatever ends that. Whoever else writes to the spool takes its files in the same way.
"""

import fcntl
import os
import stat
import time
from contextlib import suppress

ROTATE_AT_BYTES = 256 << 20
_MOST_FILES = 4_096
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class CriLines:
    """Frames pieces of a stream: whole lines as F, what ends without a newline as P, to be continued."""

    def __init__(self) -> None:
        self._is_open = False

    def framed(self, piece: bytes, at_ns: int) -> bytes:
        """`piece`, received at `at_ns`; the whole is done in a few calls, however many lines it has."""
        stamp = stamp_of(at_ns)
        whole = stamp + b" stderr F "
        lines, newline, rest = piece.rpartition(b"\n")
        found = whole + lines.replace(b"\n", b"\n" + whole) + b"\n" if newline else b""
        self._is_open = bool(rest)
        return found + stamp + b" stderr P " + rest + b"\n" if rest else found

    def ending(self, at_ns: int) -> bytes:
        """What closes a line that was never ended; empty when there is none."""
        if not self._is_open:
            return b""
        self._is_open = False
        return stamp_of(at_ns) + b" stderr F \n"


def stamp_of(at_ns: int) -> bytes:
    """RFC 3339 in UTC with nanoseconds."""
    seconds, rest = divmod(at_ns, 1_000_000_000)
    return b"%s.%09dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode(), rest)


class SpoolFile:
    """One file of the spool, ours for now. `lost_bytes` of stderr are not in it, because of `trouble`.

    `begin` is where this run's stretch begins. Writing never raises.
    """

    def __init__(self, folder: str, source: str, rotate_at: int = ROTATE_AT_BYTES) -> None:
        self.lost_bytes = 0
        self.trouble: str | None = None
        self.name: str | None = None
        self.begin = 0
        self._lines = CriLines()
        self._descriptor = -1
        self._is_torn = False
        try:
            self._take(folder, source, rotate_at)
        except OSError as error:
            self._failed(error)

    def write(self, piece: bytes) -> None:
        """Append what was received now."""
        data = self._lines.framed(piece, time.time_ns())
        if self._descriptor < 0 or not self._append(data):
            self.lost_bytes += len(piece)

    def stretch(self) -> "dict[str, str | int | None]":
        """Where what was written up to now stands; there must be a file."""
        status = os.fstat(self._descriptor)
        return {"file": self.name, "inode": status.st_ino, "from": self.begin, "to": status.st_size}

    def end(self) -> None:
        """Close a line that was never ended."""
        if self._descriptor >= 0:
            self._append(self._lines.ending(time.time_ns()))

    def _append(self, data: bytes) -> bool:
        """Append all of it. After a part of it the next line begins on a line of its own."""
        rest = memoryview(b"\n" + data if self._is_torn else data)
        try:
            while rest:
                written = os.write(self._descriptor, rest)
                rest = rest[written:]
                self._is_torn = bool(rest)
        except OSError as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error: OSError) -> None:
        self.trouble = (error.strerror or "unknown error").lower()

    def _take(self, folder: str, source: str, rotate_at: int) -> None:
        self.name, size, self._descriptor = taken(folder, f"exec-{source}", rotate_at)
        self.begin = size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            self._is_torn = True  # its last writer was ended within a line


def taken(folder: str, stem: str, rotate_at: int = ROTATE_AT_BYTES) -> tuple[str, int, int]:
    """The first file `STEM-000.log`, `-001`, … that nobody writes to: name, size, and a descriptor to append.

    Closing the descriptor gives it back. One of `rotate_at` bytes is put aside. Raises `OSError`.
    """
    for number in range(_MOST_FILES):
        name = f"{stem}-{number:03}.log"
        path = os.path.join(folder, name)
        descriptor = _opened(folder, path)
        if not _is_ours_alone(descriptor, path):
            os.close(descriptor)
            continue
        size = os.fstat(descriptor).st_size
        if size >= rotate_at:
            os.rename(path, f"{path[:-4]}.{time.time_ns()}.log")
            os.close(descriptor)
            return taken(folder, stem, rotate_at)
        return name, size, descriptor
    raise OSError("every file of the source is written to")


def _opened(folder: str, path: str) -> int:
    try:
        return os.open(path, _FLAGS, 0o600)
    except FileNotFoundError:
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)  # if its parent is there
        return os.open(path, _FLAGS, 0o600)


def _is_ours_alone(descriptor: int, path: str) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held, named = os.fstat(descriptor), os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(held.st_mode) and (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)
