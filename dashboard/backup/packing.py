"""A backup as one file: the same files as in its folder, as a tar archive under zstd, the manifest last."""

import os
import tarfile
from pathlib import Path

import zstandard

from dashboard.backup.bytes_of import More
from dashboard.backup.manifest import NAME
from gates.controls.durable import PRIVATE_FILE, opened

SUFFIX = ".tar.zst"
_LEVEL = 3
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def pack(folder: Path, target: Path, more: More) -> None:
    """Move the files of `folder` into the new file `target`, on disk at the end; each goes once it is in.

    So a backup takes no more room than its files and their packed form. Raises `OSError`.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    with opened(target, _NEW) as descriptor:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
            with (
                compressor.stream_writer(file, closefd=False) as stream,
                tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
            ):
                for path in (*paths, folder / NAME):
                    _add(archive, path, path.relative_to(folder).as_posix())
                    more(path.stat().st_size)
                    path.unlink()
        os.fsync(descriptor)


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    """Without a user: whoever restores owns what they make."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = path.stat().st_size, PRIVATE_FILE, int(path.stat().st_mtime)
    with path.open("rb") as file:
        archive.addfile(info, file)
