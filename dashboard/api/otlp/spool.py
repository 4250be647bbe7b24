"""What was handed in, on disk: append-only files of the spool, one a token, durable before `append` returns.

Files are taken as `slotgate exec` takes its own (ADR 0134): one writer at a time, put aside at 256 MiB. What
a writer left unfinished was never acknowledged, and is taken back by the next one.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path

from gates.controls.durable import sync_folder, write_all
from gates.executor.exec.spool_file import ROTATE_AT_BYTES, taken

_STEM = "otlp-"
_STRIDE = 1 << 16


class _Taken:
    """A file that is ours to append to. `size` is where its whole, durable lines end."""

    def __init__(self, folder: Path, stem: str, rotate_at: int) -> None:
        name, size, self._descriptor = taken(str(folder), stem, rotate_at)
        self._path = folder / name
        try:
            self.size = _whole_lines(self._descriptor, size)
            if self.size < size:
                os.ftruncate(self._descriptor, self.size)
            sync_folder(folder)
        except BaseException:
            self.close()
            raise

    def is_there(self) -> bool:
        """Whether it still stands in the spool: what is written to a deleted file is lost."""
        try:
            named = self._path.stat(follow_symlinks=False)
        except OSError:
            return False
        held = os.fstat(self._descriptor)
        return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)

    def append(self, data: bytes) -> None:
        """Write all of it, durably, or nothing. Raises `OSError`."""
        try:
            write_all(self._descriptor, data)
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):  # then the next writer takes it back
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)


class PushedSpool:
    """Appends to the spool in `folder`. Any thread may call it; one file is written to by one at a time."""

    def __init__(self, folder: Path, rotate_at: int = ROTATE_AT_BYTES) -> None:
        self._folder = folder
        self._rotate_at = rotate_at
        self._files: dict[str, _Taken] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def mend(self) -> None:
        """Take back what an interrupted writer left, before ingest reads it. What cannot be mended stays."""
        for source in {
            path.name[len(_STEM) : -8] for path in self._folder.glob(f"{_STEM}*-[0-9][0-9][0-9].log")
        }:
            with suppress(OSError):  # whoever hands something in is told
                _Taken(self._folder, f"{_STEM}{source}", self._rotate_at).close()

    def append(self, source: str, data: bytes) -> None:
        """Add whole lines to the file of `source`, a name of letters and digits.

        When it returns, they outlive a power cut. Raises `OSError`; then nothing was added.
        """
        with self._lock:
            lock = self._locks.setdefault(source, threading.Lock())
        with lock:
            file = self._file_of(source)
            try:
                file.append(data)
            except OSError:
                del self._files[source]
                file.close()
                raise

    def close(self) -> None:
        """Give all files back; nothing may be appended any more."""
        while self._files:
            self._files.popitem()[1].close()

    def _file_of(self, source: str) -> _Taken:
        file = self._files.get(source)
        if file is not None and (file.size >= self._rotate_at or not file.is_there()):
            del self._files[source]
            file.close()
            file = None
        if file is None:
            file = self._files[source] = _Taken(self._folder, f"{_STEM}{source}", self._rotate_at)
        return file


def _whole_lines(descriptor: int, size: int) -> int:
    """The end of the last whole line before `size`."""
    end = size
    while end:
        begin = max(0, end - _STRIDE)
        newline = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if newline >= 0:
            return begin + newline + 1
        end = begin
    return 0
