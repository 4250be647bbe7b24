"""Run `slotgate serve` and `slotgate demo` as processes of their own, and end them."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gates.home import Home
from tests.dashboard.record import environ
from tests.warm.commands import Command, run, start

COMMAND = (sys.executable, "-c", "import sys; from dashboard.cli import main; sys.exit(main())")
PATIENCE_S = 90.0


class Served:
    """A running command with a web address."""

    def __init__(self, process: Command | subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, host: str | None = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a GET."""
        request = urllib.request.Request(self.url + path, headers={} if host is None else {"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def wait_until_ready(self, patience_s: float = PATIENCE_S) -> None:
        """Until /readyz says so."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.process.communicate()}")
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.1)
        raise AssertionError("it did not get ready")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and wait: exit code, stdout, stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


def wait_for_two_more_passes(served: Served) -> None:
    """Afterwards everything that stood in the spool before is loaded."""
    first = body(served.get("/readyz"))["passes"]
    while body(served.get("/readyz"))["passes"] < first + 2:
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(folder: Path, *words: str, port: int | None = None) -> Iterator[Served]:
    """`slotgate WORDS --port …` in `folder`; killed at the end if it still runs."""
    port = port or free_port()
    with start(folder, *words, "--port", str(port)) as process:
        yield Served(process, port)


@contextmanager
def serving(folder: Path, home: Home, port: int | None = None) -> Iterator[Served]:
    """The home, served and ready."""
    with started(folder, "serve", "--home", str(home.root), port=port) as served:
        served.wait_until_ready()
        yield served


@contextmanager
def started_afresh(folder: Path, *words: str, port: int | None = None) -> Iterator[Served]:
    """The same, by an interpreter of its own: for what it says and does when it ends, and what it costs."""
    port = port or free_port()
    process = subprocess.Popen(
        [*COMMAND, *words, "--port", str(port)],
        cwd=folder,
        env=environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Served(process, port)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def refused(folder: Path, *words: str) -> tuple[int, str]:
    """A command that does not get to run: exit code and stderr."""
    done = run(folder, *words)
    return done.returncode, done.stderr.decode()


def body(answer: tuple[int, dict[str, str], bytes]) -> Any:
    return json.loads(answer[2])
