"""Where lines come from: files, folders (all files below them, sorted) and standard input."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceGone, UnreadableSource, reason_of
from ingest.sources.streams import FileStream, PipeStream, Stream

STDIN = Path("-")
HOME_FOLDER = ".slotgate"
_TICK_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells, without reading, whether a file is the same and unchanged. `size` is in bytes on disk.

    `path` is where it was found, `via` what is followed and led to it; neither tells files apart.
    One that was not read to its end has the complement of its size (`~size`); one whose times tell nothing
    yet has a `ctime_ns` of 0. Both are looked at again.
    """

    path: str = field(compare=False)
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    via: str | None = field(default=None, compare=False)

    @property
    def seen(self) -> int:
        """Its size when it was opened, whether or not all of it was read."""
        return max(self.size, ~self.size)

    @property
    def is_plain_by_name(self) -> bool:
        """Whether its bytes on disk are those of its source, as far as its name tells."""
        return not self.path.endswith((".gz", ".zst"))

    def unfinished(self) -> "FileStat":
        """The same file as one that was not read to its end."""
        return self if self.size < 0 else replace(self, size=~self.size)

    def trusted(self, now_ns: int) -> "FileStat":
        """The same file; with no time if, by the wall clock, it may change without its times changing.

        Times on disk move in ticks. One that is far from now, on either side, is not that of the next change.
        """
        return self if abs(now_ns - self.ctime_ns) > _TICK_NS else replace(self, ctime_ns=0)


def listed(paths: Iterable[Path]) -> list[Path]:
    """The files to load. A `.slotgate` home inside a folder is left out, and so is what is no file.

    Raises `UnreadableSource` when a named path is not there, before anything is loaded.
    """
    found: list[Path] = []
    for path in paths:
        if path != STDIN and path.is_dir():
            found.extend(_below(path))
        elif path == STDIN or path.exists():
            found.append(path)
        else:
            raise UnreadableSource(f"`{path}` is not there; name files or folders that are, or `-`")
    return found


def _below(folder: Path) -> Iterator[Path]:
    """In order of their paths; folders may lie deeper in each other than calls may."""
    found = _entries(folder)
    while found:
        entry = found.pop()
        if not entry.is_dir(follow_symlinks=False):
            if _is_file(entry):
                yield Path(entry.path)
        elif entry.name != HOME_FOLDER:
            found += _entries(entry)


def _entries(folder: "Path | os.DirEntry[str]") -> "list[os.DirEntry[str]]":
    """The last first."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        where = os.fspath(folder)
        raise UnreadableSource(
            f"folder `{where}` cannot be listed: {reason_of(error)}; make it readable or name others"
        ) from None


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link into nowhere, or round in circles
        return False


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """What the system refuses, as `SourceGone` or `UnreadableSource`."""
    try:
        yield
    except FileNotFoundError:
        raise SourceGone(f"`{path}` is not there any more") from None
    except OSError as error:
        raise UnreadableSource(
            f"`{path}` cannot be read: {reason_of(error)}; make it readable or leave it out"
        ) from None


def stat_of(path: Path) -> FileStat | None:
    """The stat of the regular file at `path`; None for pipes and standard input.

    Raises `UnreadableSource`, also for a device: `/dev/zero` has no end.
    """
    if path == STDIN:
        return None
    with _in_words(path):
        found = path.stat()
        if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode):
            raise UnreadableSource(f"`{path}` is a device, not a log; name files, folders, pipes or `-`")
        return regular(os.path.abspath(path), found)  # noqa: PTH100  Path.absolute would keep `..`


def regular(path: str, found: os.stat_result, via: str | None = None) -> FileStat | None:
    """The stat of a regular file at `path`; None for anything else."""
    if not stat.S_ISREG(found.st_mode):
        return None
    times = found.st_mtime_ns, found.st_ctime_ns
    return FileStat(path, found.st_dev, found.st_ino, found.st_size, *times, via)


def real_path(path: Path | str) -> str:
    """Where a file lies behind all links. A name that is not UTF-8 is kept readable."""
    return os.fsencode(os.path.realpath(path)).decode("utf-8", "backslashreplace")


@contextmanager
def opened(path: Path, stdin: BinaryIO | None) -> Iterator[tuple[Stream, FileStat | None]]:
    """Open `path`, or `stdin` for `-`; the stat is taken before the first byte is read.

    Raises `UnreadableSource`.
    """
    if path == STDIN:
        if stdin is None:
            raise UnreadableSource("there is no standard input to load; name files or folders")
        with closing(PipeStream("-", stdin)) as stream:
            yield stream, None
        return
    with _in_words(path):
        raw = path.open("rb")
    with raw:
        found = regular(real_path(path), os.fstat(raw.fileno()))
        if found is not None:
            yield FileStream(str(path), raw), found
            return
        with closing(PipeStream(str(path), raw)) as stream:
            yield stream, None
