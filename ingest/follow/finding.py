"""The files that followed paths stand for now: names and links may change at any moment."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from glob import glob, has_magic

from ingest.errors import reason_of
from ingest.follow.rotation import is_rotated
from ingest.sources.listing import HOME_FOLDER, FileStat, regular

Key = tuple[int, int]
"""Device and inode: what a file is called may change."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files, and what could not be looked at, in words.

    `renamed` have names that nobody followed, and inodes of files that were.
    """

    files: Mapping[Key, FileStat]
    renamed: Set[Key]
    failures: tuple[str, ...]


@dataclass(slots=True)
class _Look:
    """What one look found so far."""

    files: dict[Key, FileStat] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def take(self, path: str, via: str | None) -> Key | None:
        """Take note of a regular file."""
        try:
            found = regular(path, os.stat(path), via)  # noqa: PTH116  a few µs for each of thousands
        except FileNotFoundError:
            return None
        except OSError as error:
            self.failures.append(f"`{path}` cannot be read: {reason_of(error)}; make it readable")
            return None
        if found is None:
            return None
        key = found.device, found.inode
        self.files.setdefault(key, found)
        return key

    def entries(self, folder: str) -> "list[os.DirEntry[str]]":
        """What is in a folder."""
        try:
            with os.scandir(folder) as found:
                return list(found)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.failures.append(f"folder `{folder}` cannot be listed: {reason_of(error)}; make it readable")
            return []


class Finder:
    """Looks for the files of `paths`: files, folders (all files below them) and patterns, there or not yet.

    A file comes with those that rotation made of it in the same folder, and a link with those of its target.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100  keeps no `..`, follows no link
        # By what is followed, and folder: the names that were there once, as rotation takes them away first.
        self._names: dict[tuple[str, str], set[str]] = {}

    def find(self, inodes: Mapping[str, set[int]]) -> Found:
        """What is there now. `inodes` of files known by each path: those count under any name beside it."""
        look, renamed = _Look(), set[Key]()
        for path in self.paths:
            if has_magic(path) and not os.path.lexists(path):
                for match in glob(path, recursive=True, include_hidden=True):  # noqa: PTH207  Path.glob knows no `..`
                    self._take(look, match, path)
            else:
                self._take(look, path, path)
        for (via, folder), names in self._names.items():
            for entry in look.entries(folder):
                if entry.name in names:
                    continue
                if any(is_rotated(entry.name, one) for one in names):
                    look.take(entry.path, via)
                elif entry.inode() in inodes.get(via, ()) and entry.is_file(follow_symlinks=False):
                    before = len(look.files)
                    key = look.take(entry.path, via)
                    if key is not None and len(look.files) > before:
                        renamed.add(key)
        return Found(look.files, renamed, tuple(look.failures))

    def _take(self, look: _Look, path: str, via: str) -> None:
        if os.path.isdir(path):  # noqa: PTH112  every path is text here, for each of thousands
            for entry in self._below(look, path):
                if look.take(entry.path, via) is not None and entry.is_symlink():
                    self._note_target(entry.path, via)
            return
        folder, name = os.path.split(path)
        self._names.setdefault((via, folder), set()).add(name)
        if os.path.islink(path):  # noqa: PTH114  as above
            self._note_target(path, via)
        look.take(path, via)

    def _note_target(self, link: str, via: str) -> None:
        folder, name = os.path.split(os.path.realpath(link))
        self._names.setdefault((via, folder), set()).add(name)

    def _below(self, look: _Look, folder: str) -> "Iterator[os.DirEntry[str]]":
        for entry in look.entries(folder):
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.name != HOME_FOLDER:
                yield from self._below(look, entry.path)


def still_there(stat: FileStat) -> FileStat | None:
    """The same file at the same place, as it is now."""
    try:
        found = regular(stat.path, os.stat(stat.path), stat.via)  # noqa: PTH116  as above
    except OSError:
        return None
    is_same = found is not None and (found.device, found.inode) == (stat.device, stat.inode)
    return found if is_same else None


def beside(missing: Collection[FileStat]) -> dict[Key, FileStat]:
    """Those of the missing files that stand under other names in their folders; each folder is listed once.

    Who followed them may have been stopped when they were renamed, and what led there may lead elsewhere now.
    """
    wanted: dict[str, dict[int, FileStat]] = {}
    for stat in missing:
        wanted.setdefault(os.path.dirname(stat.path), {})[stat.inode] = stat  # noqa: PTH120  as above
    look = _Look()
    for folder, by_inode in wanted.items():
        for entry in look.entries(folder):
            known = by_inode.get(entry.inode())
            if known is not None and entry.is_file(follow_symlinks=False):
                look.take(entry.path, known.via)
    keys = {(stat.device, stat.inode) for stat in missing}
    return {key: stat for key, stat in look.files.items() if key in keys}
