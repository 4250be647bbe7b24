"""What is dear to make and is made once a worker, for tests to copy."""

import atexit
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Protocol


class Closes(Protocol):
    """Something open."""

    def close(self) -> None:
        """Write the rest of it."""


def kept_folder(name: str) -> Path:
    """A new folder, which goes when the worker ends."""
    folder = Path(mkdtemp(prefix=f"{name}."))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def bytes_of(make: Callable[[Path], Closes]) -> bytes:
    """The file that `make` makes at a path, once it is closed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        with closing(make(path)):
            pass
        return path.read_bytes()
