"""Learn the job spec on stdin without taking a byte of it from the command (ADR 131).

A file is read beside its offset; a pipe or a socket is looked into before the command starts, and again
while it has not read yet. What it reads first is not seen: then the spec stays unknown.
"""

import os
import select
import stat
import time

from gates.executor.exec.streams import STDIN
from gates.executor.streams import MAX_SPEC_BYTES

_PATIENCE_S = 2.0
_LONGEST_PAUSE_MS = 20


class SpecPeek:
    """Made before the command starts: a file's offset is the command's to move, a pipe its to empty."""

    __slots__ = ("_first", "_mode", "_offset")

    def __init__(self) -> None:
        self._mode, self._offset, self._first = 0, 0, b""
        try:
            self._mode = os.fstat(STDIN).st_mode
            if stat.S_ISREG(self._mode):
                self._offset = os.lseek(STDIN, 0, os.SEEK_CUR)
            elif self._is_stream():
                from gates.executor.exec.looking_in import content

                self._first = content(STDIN)
        except OSError:
            return

    def document(self, ended: int) -> "tuple[object, bytes] | None":
        """The spec as JSON and its bytes, or None when there is none to be seen. Never raises.

        Waits for it until the other end of the pipe `ended` is closed, from its first byte on 2 s at most.
        """
        try:
            if stat.S_ISREG(self._mode):
                return _parsed(os.pread(STDIN, MAX_SPEC_BYTES + 1, self._offset))
            if self._is_stream():
                return _parsed(self._first) or _waited_for(ended)
        except Exception:  # noqa: BLE001  what is not seen is not known, and no failure
            return None
        return None

    def _is_stream(self) -> bool:
        return stat.S_ISFIFO(self._mode) or stat.S_ISSOCK(self._mode)


def _waited_for(ended: int) -> "tuple[object, bytes] | None":
    from gates.executor.exec.looking_in import content

    poll, end = select.poll(), select.poll()
    for one, descriptor in ((poll, STDIN), (poll, ended), (end, ended)):
        one.register(descriptor, select.POLLIN)
    deadline = None
    pause_ms = 1
    while True:
        ready = dict(poll.poll())
        if ready.get(STDIN, 0) & select.POLLIN:
            found = _parsed(content(STDIN))
            if found is not None:
                return found
            deadline = deadline or time.monotonic() + _PATIENCE_S
        elif STDIN in ready:
            return None
        # Not all of it yet, and what is there stays there: looking again at once would find the same.
        if ended in ready or end.poll(pause_ms) or (deadline and time.monotonic() > deadline):
            return None
        pause_ms = min(2 * pause_ms, _LONGEST_PAUSE_MS)


def _parsed(data: bytes) -> "tuple[object, bytes] | None":
    from schemas import strict_json
    from schemas.errors import ContractError

    if not data or len(data) > MAX_SPEC_BYTES:
        return None
    try:
        return strict_json.loads(data), data
    except ContractError:
        return None
