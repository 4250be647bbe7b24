"""The private log of a home's executors: what v1 telemetry has no place for, as JSON lines.

HTTP statuses, request ids, finish reasons, causes. Never bodies, prompts or keys. It is a
convenience: whatever goes wrong with it is ignored.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gates.executor.clock import Clock, millisecond_timestamp

NAME = "executor.log"
ROTATE_AT_BYTES = 16 << 20


class PrivateLog:
    """Appends to `folder/executor.log`, readable by its owner alone; `folder` is made if its parent is there.

    One older file is kept as `executor.log.1`.
    """

    def __init__(self, folder: Path, clock: Clock, rotate_at: int = ROTATE_AT_BYTES) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._clock = clock
        self._rotate_at = rotate_at

    def record(self, entry: Mapping[str, Any]) -> None:
        """Append one entry with the time and process id. Never raises."""
        with suppress(Exception):
            stamped = {"at": millisecond_timestamp(self._clock.time_ns()), "pid": os.getpid(), **entry}
            line = json.dumps(stamped, separators=(",", ":")).encode("ascii") + b"\n"
            with suppress(FileExistsError):
                self._folder.mkdir(mode=0o700)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self._path, flags, 0o600)
            try:
                os.write(descriptor, line)
                size = os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
            if size >= self._rotate_at:
                self._path.replace(self._path.with_name(f"{NAME}.1"))
