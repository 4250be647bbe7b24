"""Replace a file so that a crash at any moment leaves the whole old or the whole new content.

The order is the point: the content must be on disk before the name points at it, and the name
before anyone is told. Litestream's file replica writes its files in the same order.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_SUFFIX = ".tmp"


def make_folder(folder: Path) -> None:
    """Make `folder` and its missing parents, private to this user, and durable. Raises `OSError`."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        sync_folder(parent.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable. Raises `OSError`."""
    with opened(folder, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        os.fsync(descriptor)


def replace(path: Path, data: bytes, before_rename: Callable[[], None]) -> None:
    """Make `data` the content of `path`.

    `before_rename` runs last before readers can see the new content, and stops it by raising.
    Raises `OSError`; then `path` is as it was and nothing else is left behind. The new name is
    durable only after `sync_folder`: that step is the caller's, because when it fails readers
    already see the new content.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}{_SUFFIX}")
    try:
        with opened(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW) as descriptor:
            write_all(descriptor, data)
            os.fsync(descriptor)
        before_rename()
        draft.rename(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def discard_drafts(path: Path) -> None:
    """Delete what interrupted writers of `path` left; a writer still at work then fails, and says so."""
    for draft in path.parent.glob(f".{path.name}.*{_SUFFIX}"):
        with suppress(OSError):
            draft.unlink()


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte. Raises `OSError`, perhaps after some of them."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


@contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A file descriptor for the length of the block; new files are private."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
