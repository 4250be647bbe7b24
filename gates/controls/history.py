"""The control history on disk: one `control-revision.v1` a line, appended, each line synced.

Whoever calls this holds the publish lock, so the end of the file is theirs.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from gates.controls.durable import opened, sync_folder, write_all
from gates.controls.instant import timestamp
from schemas import check
from schemas.errors import ContractError

Event = Literal["publishing", "effective", "removed"]
_CHUNK = 65_536


class History:
    """The file at `path`; it need not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(f"{path.name}.torn")

    def append(
        self,
        event: Event,
        at_ns: int,
        revision: int,
        controls: Mapping[str, Any] | None,
        *,
        late: bool = False,
    ) -> None:
        """Add one line and sync it. Raises `OSError`; then the file ends where it ended before."""
        line = {
            "version": "control-revision.v1",
            "event": event,
            "at": timestamp(at_ns),
            "revision": revision,
            "late": late,
            "controls": controls,
        }
        is_new = not self._path.exists()
        self._write(self._path, json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if is_new:
            sync_folder(self._path.parent)

    def newest(self) -> dict[str, Any] | None:
        """The newest line, or None when there is none. Raises `OSError`."""
        return next(self._backwards(), None)

    def settled(self) -> dict[str, Any] | None:
        """The newest line that says what is in force: `effective` or `removed`. Raises `OSError`."""
        return next((line for line in self._backwards() if line["event"] != "publishing"), None)

    def announced(self) -> dict[str, Any] | None:
        """The newest line that a publisher wrote before its publication. Raises `OSError`."""
        return next((line for line in self._backwards() if line["event"] == "publishing"), None)

    def repair(self) -> None:
        """Move a last line that a crash cut short to `history.jsonl.torn`, and end the file before it.

        Raises `OSError`; then the history is as it was.
        """
        start, line = self._line_before(None)
        if not line:
            return
        try:
            check.parse("control-revision.v1", line)
        except ContractError:
            self._write(self._aside, line if line.endswith(b"\n") else line + b"\n")
            sync_folder(self._path.parent)
            with opened(self._path, os.O_RDWR) as descriptor:
                os.ftruncate(descriptor, start)
                os.fsync(descriptor)
        else:
            if not line.endswith(b"\n"):
                self._write(self._path, b"\n")

    def _write(self, path: Path, data: bytes) -> None:
        with opened(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW) as descriptor:
            size = os.fstat(descriptor).st_size
            try:
                write_all(descriptor, data)
                os.fsync(descriptor)
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise

    def _backwards(self) -> Iterator[dict[str, Any]]:
        end = None
        while end is None or end > 0:
            end, line = self._line_before(end)
            with suppress(ContractError):  # a line of someone else's making says nothing here
                yield check.parse("control-revision.v1", line)

    def _line_before(self, end: int | None) -> tuple[int, bytes]:
        """The line that ends at `end` (None: at the end of the file): where it starts, and its bytes."""
        try:
            with opened(self._path, os.O_RDONLY | os.O_NONBLOCK) as descriptor:
                start, line = os.fstat(descriptor).st_size if end is None else end, b""
                while start and b"\n" not in line[:-1]:
                    size = min(_CHUNK, start)
                    start -= size
                    line = os.pread(descriptor, size, start) + line
        except FileNotFoundError:
            return 0, b""
        cut = line.rfind(b"\n", 0, max(len(line) - 1, 0)) + 1
        return start + cut, line[cut:]
