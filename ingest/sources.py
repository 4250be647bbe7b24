"""Where lines come from: files, folders (all files below them, sorted) and standard input."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceGone, UnreadableSource
from ingest.streams import FileStream, PipeStream, Stream

STDIN = Path("-")
_HOME_FOLDER = ".slotgate"


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells, without reading, whether a file is the same and unchanged. `size` is in bytes on disk."""

    path: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


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
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UnreadableSource(f"folder `{folder}` cannot be listed: {error.strerror}") from None
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            if entry.name != _HOME_FOLDER:
                yield from _below(Path(entry.path))
        elif _is_file(entry):
            yield Path(entry.path)


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link into nowhere, or round in circles
        return False


def stat_of(path: Path) -> FileStat | None:
    """The stat of the regular file at `path`; None for pipes and standard input.

    Raises `UnreadableSource`.
    """
    if path == STDIN:
        return None
    try:
        return _regular(path, path.stat())
    except FileNotFoundError:
        raise SourceGone(f"`{path}` is not there any more") from None
    except OSError as error:
        raise UnreadableSource(f"`{path}` cannot be read: {error.strerror}") from None


def _regular(path: Path, found: os.stat_result) -> FileStat | None:
    if not stat.S_ISREG(found.st_mode):
        return None
    # Path.absolute would keep `..`. A name that is not UTF-8 is kept readable.
    where = os.fsencode(os.path.abspath(path)).decode("utf-8", "backslashreplace")  # noqa: PTH100
    return FileStat(where, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@contextmanager
def opened(path: Path, stdin: BinaryIO | None) -> Iterator[tuple[Stream, FileStat | None]]:
    """Open `path`, or `stdin` for `-`; the stat is taken before the first byte is read.

    Raises `UnreadableSource`.
    """
    if path == STDIN:
        if stdin is None:
            raise UnreadableSource("there is no standard input to load; name files or folders")
        yield PipeStream("-", stdin), None
        return
    try:
        raw = path.open("rb")
    except FileNotFoundError:
        raise SourceGone(f"`{path}` is not there any more") from None
    except OSError as error:
        raise UnreadableSource(
            f"`{path}` cannot be read: {error.strerror}; make it readable or leave it out"
        ) from None
    with raw:
        found = _regular(path, os.fstat(raw.fileno()))
        yield (PipeStream(str(path), raw) if found is None else FileStream(str(path), raw)), found
