"""Standard input, kept in the home until it ends: the process that owns the telemetry takes it as a file.

Who keeps one holds a lock on it. So the next one can tell what somebody left who was killed, and removes it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO

from ingest.progress import HowFar, Tell, Unit, Work

KEPT = "stdin, kept until it ends for the process that owns the telemetry"
_PREFIX = ".stdin."
_AT_ONCE = 1 << 16


@contextmanager
def kept_input(folder: Path, source: BinaryIO, tell: Tell) -> Iterator[str]:
    """The path of a file in `folder` with all of `source`, gone afterwards.

    How far that is, is told: a pipe may take hours, and until then nothing is stored. Raises `OSError`, and
    what `tell` raises.
    """
    remove_left(folder)
    with _locked(folder) as (path, file):
        done = 0
        while data := source.read(_AT_ONCE):
            file.write(data)
            done += len(data)
            tell(HowFar(Work.LOAD, KEPT, done, None, Unit.BYTES))
        file.flush()
        yield path


def remove_left(folder: Path) -> None:
    """Remove what nobody keeps any more; what cannot be looked at stays."""
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    while True:
        with NamedTemporaryFile(dir=folder, prefix=_PREFIX, delete=False) as file:
            path = Path(file.name)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if path.exists():  # else somebody took it for left, before it was locked
                    yield file.name, file.file
                    return
            finally:
                path.unlink(missing_ok=True)
