"""The files of a home at one moment, and what of it no backup can take."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.backup.contents import LeftOut, Turn, decided, place_in_turn
from dashboard.errors import BackupError

_MUST_BE_PLAIN = frozenset(
    {"controls", "spool", "specs", "runs", "late", "log", "archive", "notify", "gate.db", "telemetry.duckdb"}
)
"""A home without one of these would not be the same home; so none of them is left out without a word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file at `path`, relative to the home. `key`: its device and inode, `size`: its bytes then."""

    path: str
    key: tuple[int, int]
    size: int


@dataclass(slots=True)
class Listing:
    """`files` by their turns, each in its order; `omitted`: paths, and why they are in no backup."""

    files: dict[Turn, list[Found]] = field(default_factory=lambda: {turn: [] for turn in Turn})
    omitted: dict[str, str] = field(default_factory=dict)


def listed(home: Path) -> Listing:
    """Everything in the folder `home` that a backup takes.

    Raises `BackupError` where a folder cannot be listed, and where a link stands in the place of a part that
    every home has.
    """
    listing = Listing()
    try:
        for entry, path in _below(home, ""):
            answer = decided(path)
            if isinstance(answer, LeftOut):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # it went away since
                continue
            why = _why_not(status.st_mode, path)
            if why is None:
                found = Found(path, (status.st_dev, status.st_ino), status.st_size)
                listing.files[answer.turn].append(found)
            elif path in _MUST_BE_PLAIN or path.startswith("controls/"):
                raise BackupError(
                    f"`{home / path}` is {why}, and a backup takes what lies in the home itself; put the "
                    "folder or file in its place, then try again"
                )
            else:
                listing.omitted[path.encode("utf-8", "backslashreplace").decode()] = why
    except OSError as error:
        raise BackupError(
            f"`{error.filename or home}` cannot be listed: {(error.strerror or 'failed').lower()}; "
            "run it as the owner of the home"
        ) from error
    for files in listing.files.values():
        files.sort(key=lambda found: place_in_turn(found.path))
    return listing


def _below(home: Path, folder: str) -> "Iterator[tuple[os.DirEntry[str], str]]":
    """Everything but folders, at any depth. A file that goes away meanwhile is passed over."""
    with os.scandir(home / folder) as entries:
        found = list(entries)
    for entry in found:
        path = f"{folder}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            try:
                yield from _below(home, f"{path}/")
            except FileNotFoundError:
                continue
        else:
            yield entry, path


def _why_not(mode: int, path: str) -> str | None:
    """What it is, where it is no file that a manifest can name; null for one that is."""
    if stat.S_ISLNK(mode):
        return "a link"
    if not stat.S_ISREG(mode):
        return "no file but a device, a pipe or a socket"
    try:
        path.encode()
    except UnicodeEncodeError:
        return "a file whose name is no UTF-8"
    return None
