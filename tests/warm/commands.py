"""`slotgate` commands for tests: processes of their own that cost hardly more than a call.

They are forked where everything is imported already (see `tests.warm.server`). Which modules a command
imports, and what the interpreter makes of its options and of closed streams, only a command that is
started afresh can show.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 60.0
_REPOSITORY = Path(__file__).parents[2]
_OURS = ("SLOTGATE", "SLOTGEN", "FEATURE_SLOTGEN", "ENFORCEMENT_MODE")


def environment(**variables: str) -> dict[str, str]:
    """That of the tests, without what slotgate reads in it, and with `variables`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **variables}


def start(folder: Path, *words: str | Path, **variables: str) -> "Command":
    """`slotgate WORDS` in `folder`, with pipes."""
    return Command(words, folder, environment(**variables))


def run(
    folder: Path, *words: str | Path, stdin: bytes = b"", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`slotgate WORDS` in `folder`, to its end; `environ` is all of its environment."""
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        streams = given.fileno(), out.fileno(), err.fileno()
        with Forked(words, folder, environment() if environ is None else environ, streams) as process:
            code = process.wait(PATIENCE_S)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


class Forked:
    """A process of the server; used as a context it is killed at the end if it still runs."""

    def __init__(
        self, words: Sequence[str | Path], folder: Path, variables: Mapping[str, str], streams: Sequence[int]
    ) -> None:
        self.returncode: int | Any = None
        reading, writing = os.pipe()
        message = json.dumps([[*map(str, words)], str(folder), variables])
        try:
            socket.send_fds(_server(), [message.encode()], [*streams, writing])
        finally:
            os.close(writing)
        self._report = os.fdopen(reading, "rb", buffering=0)
        self.pid = int(self._report.readline())

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float = PATIENCE_S) -> int:
        """Its exit code. Raises `subprocess.TimeoutExpired`."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("slotgate", timeout)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """To the process, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """At once."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], timeout)[0]:
            self.returncode = int(self._report.readline())
            self._report.close()
        return self.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.wait()


class Command(Forked):
    """A process with pipes for text; offers what tests use of `subprocess.Popen`."""

    def __init__(self, words: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> None:
        (stdin, self_in), (self_out, stdout), (self_err, stderr) = os.pipe(), os.pipe(), os.pipe()
        self.stdin = os.fdopen(self_in, "w", encoding="utf-8")
        self.stdout = os.fdopen(self_out, encoding="utf-8")
        self.stderr = os.fdopen(self_err, encoding="utf-8")
        try:
            super().__init__(words, folder, variables, (stdin, stdout, stderr))
        finally:
            for stream in (stdin, stdout, stderr):
                os.close(stream)

    def communicate(self, timeout: float = PATIENCE_S) -> tuple[str, str]:
        """Everything it still says, once it has ended; kills it when that takes too long."""
        with ThreadPoolExecutor(2) as readers, self:
            self.stdin.close()
            said = readers.submit(self.stdout.read), readers.submit(self.stderr.read)
            self.wait(timeout)
            return said[0].result(), said[1].result()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self.stdin.close()
        self.stdout.close()
        self.stderr.close()


@cache
def _server() -> socket.socket:
    """The socket of this worker's server, which ends with the worker."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm.server", str(theirs.fileno())],
            cwd=_REPOSITORY,
            # Threads of BLAS, once started, would not be forked.
            env=environment(OPENBLAS_NUM_THREADS="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    ending = ExitStack()
    ending.callback(server.wait)
    ending.callback(ours.close)
    atexit.register(ending.close)
    return ours
