"""Read a backup through, folder or file: every file once, nothing followed, nothing trusted by its name."""

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

import zstandard

from dashboard.backup.bytes_of import Copy, copied
from dashboard.backup.manifest import HOME, NAME, Manifest, decoded
from dashboard.backup.room import is_for_lack_of_room
from dashboard.errors import BackupDamaged, BackupError
from gates.controls.durable import opened
from ingest.progress import HowFar, Tell, Unit, Work

_SOURCE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_LONGEST_MANIFEST = 256 << 20
_LONGEST_PATH = 4096
Sink = Callable[[str], Path | None]
"""Where the file of the home with this path is to be written anew; null: it is only read."""


@dataclass(frozen=True, slots=True)
class Read:
    """A manifest, and what was found of the home: the copy of each file by its path."""

    manifest: Manifest
    found: dict[str, Copy]


def read_through(backup: Path, sink: Sink, tell: Tell, work: Work) -> Read:
    """Read all of `backup`, and write its files where `sink` says. `tell` is told bytes, as `work`.

    Raises `BackupDamaged` where it is none, or not all of one, `BackupError` where it cannot be read or
    written, and what `tell` raises. What was written stays then.
    """
    manifest: Manifest | None = None
    found: dict[str, Copy] = {}
    done, total = 0, size_of(backup)

    def more(size: int) -> None:
        nonlocal done
        done += size
        tell(HowFar(work, name.removeprefix(HOME), done, total, Unit.BYTES))

    with _in_words(backup), _members(backup) as members:
        for name, file in members:
            if name == NAME and manifest is None:
                manifest = decoded(file.read(_LONGEST_MANIFEST))
                continue
            path = _path_of(backup, name)
            if path in found:
                raise BackupDamaged(f"`{backup}` holds `{path}` twice; take another backup")
            found[path] = copied(file, sink(path), None, more)
    if manifest is None:
        raise BackupDamaged(
            f"`{backup}` has no `{NAME}`: it is no backup, or was never finished; name another"
        )
    return Read(manifest, found)


def differences(read: Read) -> tuple[str, ...]:
    """What is not as the manifest says, in words; empty where all is whole."""
    named = {entry.path: entry for entry in read.manifest.files}
    said = [f"`{path}` is missing" for path in sorted(named.keys() - read.found.keys())]
    said += [f"`{path}` is not named by the manifest" for path in sorted(read.found.keys() - named.keys())]
    said += [
        f"the manifest names `{entry.path}` twice"
        for entry in read.manifest.files
        if named[entry.path] is not entry
    ]
    for path in sorted(named.keys() & read.found.keys()):
        entry, copy = named[path], read.found[path]
        if copy.size != entry.size:
            said.append(f"`{path}` has {copy.size:,} bytes, and had {entry.size:,}")
        elif copy.sha256 != entry.sha256:
            said.append(f"`{path}` holds other bytes than when the backup was made")
    return tuple(said)


def _path_of(backup: Path, name: str) -> str:
    """The path in the home. Raises `BackupDamaged` for whatever could lead out of it."""
    path = name.removeprefix(HOME)
    parts = path.split("/")
    is_plain = name.startswith(HOME) and not {"", ".", ".."} & {*parts} and "\0" not in path
    if not is_plain or len(path) > _LONGEST_PATH:
        raise BackupDamaged(
            f"`{backup}` holds `{name[:200]}`, which no backup of slotgate does; do not use it"
        )
    return path


def size_of(backup: Path) -> int | None:
    """Bytes of the files of a home, as far as that is known beforehand; null for a packed file."""
    try:
        if backup.is_dir():
            return sum(path.lstat().st_size for path in (backup / HOME).rglob("*") if path.is_file())
    except OSError:
        return None
    return None


@contextmanager
def _members(backup: Path) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Every file of the backup, by its name there, to be read before the next one is asked for."""
    if backup.is_dir():
        yield _in_folder(backup, "")
        return
    with (
        backup.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as archive,
    ):
        yield _in_archive(backup, archive)


def _in_folder(backup: Path, folder: str) -> Iterator[tuple[str, BinaryIO]]:
    with os.scandir(backup / folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = f"{folder}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _in_folder(backup, f"{name}/")
            continue
        if not entry.is_file(follow_symlinks=False):
            raise _strange(backup, name)
        with opened(backup / name, _SOURCE) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            yield name, file


def _in_archive(backup: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, BinaryIO]]:
    for member in archive:
        file = archive.extractfile(member) if member.isreg() and not member.issparse() else None
        if file is None:
            raise _strange(backup, member.name)
        yield member.name, cast("BinaryIO", file)


def _strange(backup: Path, name: str) -> BackupDamaged:
    return BackupDamaged(
        f"`{backup}` holds `{name[:200]}`, which is no plain file; no backup of slotgate does, do not use it"
    )


@contextmanager
def _in_words(backup: Path) -> Iterator[None]:
    try:
        yield
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise BackupDamaged(
            f"`{backup}` cannot be unpacked: {str(error).lower() or 'it ends too early'}; take another backup"
        ) from error
    except OSError as error:
        if not os.path.lexists(backup):
            raise BackupError(
                f"there is no backup `{backup}`; name a folder or a file that `slotgate backup` made"
            ) from error
        if is_for_lack_of_room(error):
            raise BackupError(
                f"there is no room for what `{backup}` holds; free some space, or name another disk"
            ) from error
        about = f"`{error.filename}`" if error.filename else f"what `{backup}` holds"
        raise BackupError(
            f"{about} cannot be read or written: {(error.strerror or str(error)).lower()}; look at the disk, "
            "then try again"
        ) from error
