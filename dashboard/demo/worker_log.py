"""Log files as a container runtime writes them: CRI lines, long ones in pieces of 16 KiB."""

import os
from datetime import UTC, datetime
from pathlib import Path

PIECE = 16 * 1024
PRIVATE = 0o600


class WorkerLog:
    """The stderr of one worker, appended to one file in the spool."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE)
        self._last_ns = 0

    def write(self, at_ns: int, text: bytes) -> None:
        """Append every line of `text` as written at `at_ns`; times never go back within a file."""
        self._last_ns = max(at_ns, self._last_ns + 1)
        lines = text.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        written = b"".join(self._pieces(line) for line in lines)
        os.write(self._descriptor, written)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _pieces(self, line: bytes) -> bytes:
        stamp = timestamp(self._last_ns)
        cuts = range(0, max(len(line), 1), PIECE)
        return b"".join(
            b"%s stderr %s %s\n"
            % (stamp, b"P" if start + PIECE < len(line) else b"F", line[start : start + PIECE])
            for start in cuts
        )


def timestamp(epoch_ns: int) -> bytes:
    """RFC 3339 with nanoseconds, in UTC."""
    seconds, rest = divmod(epoch_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z".encode()
