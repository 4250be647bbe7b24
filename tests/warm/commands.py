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
from tempfile import TemporaryDirectory, TemporaryFile
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 60.0
SOCKET = "server"
_REPOSITORY = Path(__file__).parents[2]
_NUMBER = 64
_PROGRAM = """#!{python} -ISB
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({address!r})
    message = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)])
    socket.send_fds(server, [message.encode()], [0, 1, 2])
    server.recv({number})
    sys.exit(int(server.recv({number})))
"""
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
        message = json.dumps([[*map(str, words)], str(folder), dict(variables)]).encode()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._server.connect(str(_server() / SOCKET))
            socket.send_fds(self._server, [message], streams)
            self.pid = int(self._server.recv(_NUMBER))
        except BaseException:
            self._server.close()
            raise

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
        if self.returncode is None and select.select([self._server], [], [], timeout)[0]:
            self.returncode = int(self._server.recv(_NUMBER))
            self._server.close()
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


def on_path() -> Path:
    """A folder with a `slotgate` that is such a command, for shell scripts. It passes no signals on."""
    return _server()


@cache
def _server() -> Path:
    """The folder of this worker's server, which ends with the worker."""
    with ExitStack() as starting:
        folder = Path(starting.enter_context(TemporaryDirectory(prefix="slotgate-")))
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(str(folder / SOCKET))
            listening.listen()
            server = subprocess.Popen(
                [sys.executable, "-m", "tests.warm.server", str(listening.fileno())],
                cwd=_REPOSITORY,
                # Threads of BLAS, once started, would not be forked.
                env=environment(OPENBLAS_NUM_THREADS="1"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listening.fileno()],
            )
        starting.callback(server.communicate)
        program = folder / "slotgate"
        program.write_text(
            _PROGRAM.format(python=sys.executable, address=str(folder / SOCKET), number=_NUMBER)
        )
        program.chmod(0o700)
        atexit.register(starting.pop_all().close)
    return folder
