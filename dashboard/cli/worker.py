"""Take tasks from a server and run each under the controls.

    slotgate worker --server URL --token-file FILE [--source NAME] [--once] -- CMD…

Claims a task over HTTP, runs CMD as `slotgate exec` does, with the job spec on its stdin, keeps the lease
while it runs, and hands in what it wrote to stdout. Without CMD it runs `slotgate run`. One job at a time;
start several for more. SIGTERM and SIGINT: no more claims, and what runs may end (docs/enforcement.md).

exit codes: 0 asked to end, or --once is done; 1 the server does not let us; 2 wrong usage, or a URL that
would carry the token in the clear; 4 the token file cannot be read, or --once and no server
"""

import os
import random
import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from threading import Event

from dashboard.cli.exec import source_name
from dashboard.cli.output import harmless
from dashboard.worker.exec_process import ExecProcesses
from dashboard.worker.http_server import HttpTaskServer
from dashboard.worker.keeping_on import keep_on
from dashboard.worker.working import Worker
from gates.errors import HomeError
from gates.tasks.payload import LEASE_S, LONGEST_LEASE_S, SHORTEST_LEASE_S

SOURCE = "worker"
GRACE_S = 20.0
_CALL_S = 10.0


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--server", required=True, metavar="URL", help="where `slotgate serve` answers")
    parser.add_argument(
        "--token-file", type=Path, required=True, metavar="FILE", help="a token of scope tasks, or all"
    )
    parser.add_argument("--home", metavar="DIR", help="the home whose controls decide (default: as `exec`)")
    parser.add_argument(
        "--source", type=source_name, default=SOURCE, metavar="NAME", help="names the files of the spool"
    )
    parser.add_argument("--once", action="store_true", help="one claim, and what comes of it")
    parser.add_argument(
        "--lease", type=_lease, default=LEASE_S, metavar="SECONDS", help=f"of each claim ({LEASE_S})"
    )
    parser.add_argument(
        "--grace", type=_grace, default=GRACE_S, metavar="SECONDS", help=f"for what runs ({GRACE_S:.0f})"
    )
    parser.add_argument("command", nargs="*", metavar="CMD", help="the executor, after `--`")


def execute(arguments: Namespace) -> int:
    """Work until asked to end."""
    ending = _Ending()
    ending.listen()
    token = _token(arguments.token_file)
    server = HttpTaskServer(arguments.server, token, min(_CALL_S, arguments.lease / 4))
    worker = Worker(
        server=server,
        executor=ExecProcesses(arguments.command, arguments.source, arguments.home, os.environ),
        now=time.monotonic,
        pause=ending.pause,
        rest=time.sleep,
        asked_to_end=ending.asked,
        say=_say,
        lease_s=arguments.lease,
        grace_s=arguments.grace,
    )
    try:
        keep_on(worker, most=1 if arguments.once else None, jitter=random.random)
    finally:
        server.close()
    return 0


class _Ending:
    """Whether a signal asked us to end, and when."""

    def __init__(self) -> None:
        self._asked: float | None = None
        self._event = Event()

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def asked(self) -> float | None:
        return self._asked

    def pause(self, seconds: float) -> None:
        self._event.wait(seconds)

    def _ask(self, _number: int, _frame: object) -> None:
        self._asked = self._asked or time.monotonic()
        self._event.set()


def _say(line: str) -> None:
    print(f"slotgate worker: {harmless(line)}", file=sys.stderr, flush=True)  # noqa: T201  its stderr


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"the token file `{path}` cannot be read; name the right one") from error


def _lease(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not SHORTEST_LEASE_S <= int(text[:9]) <= LONGEST_LEASE_S:
        raise ArgumentTypeError(f"`{text}` is no lease; give {SHORTEST_LEASE_S} to {LONGEST_LEASE_S} seconds")
    return int(text)


def _grace(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST_LEASE_S:
        raise ArgumentTypeError(f"`{text}` is no time; give 0 to {LONGEST_LEASE_S} seconds")
    return seconds
