"""A folder for the draft of a large file: private, and gone afterwards, also where its process was killed."""

import fcntl
import glob
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PRIVATE_FOLDER = 0o700
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """A folder of its own beside `path`, on the same file system; all in it is gone after the block.

    It is locked meanwhile. Those for the same `path` that nobody holds locked were left by processes that
    were killed, and go first. Raises `OSError`.
    """
    _discard_left(path)
    folder = path.with_name(f"{_left_of(path)}{os.getpid()}-{threading.get_ident()}")
    while (descriptor := _made_and_locked(folder)) is None:
        continue
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _made_and_locked(folder: Path) -> int | None:
    """Null where somebody else took it for one that was left, before it was locked."""
    folder.mkdir(mode=_PRIVATE_FOLDER)
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, _FOLDER)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # whoever discards it is done in a moment
        if folder.exists():
            return descriptor
        os.close(descriptor)
    return None


def _discard_left(path: Path) -> None:
    for left in path.parent.glob(f"{glob.escape(_left_of(path))}*"):
        with suppress(FileNotFoundError, NotADirectoryError):  # gone by now, or no draft
            descriptor = os.open(left, _FOLDER)
            try:
                with suppress(BlockingIOError):  # somebody is at work in it
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(descriptor)


def _left_of(path: Path) -> str:
    return f".{path.name}.draft-"
