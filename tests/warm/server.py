"""Starts `slotgate` commands by forking a process that has imported what they need.

`python -m tests.warm.server DESCRIPTOR` takes one command a message: JSON `[words, folder,
environment]` with four descriptors: stdin, stdout, stderr, and a pipe on which it says the process id
at once and the exit code in the end. Each command is a process of its own.
When nobody can ask any more, those that still run are killed.
"""

import gc
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass
from importlib import import_module

from dashboard.cli.main import main

# Importing the rest of the dashboard, which only `serve` and `demo` need, leaves traces in Streamlit.
IMPORTED = (
    "schemas",
    "gates",
    "ingest",
    "dashboard.auth",
    "dashboard.beta",
    "dashboard.cli",
    "dashboard.review",
    "dashboard.telemetry",
)
LONGEST = 1 << 18


@dataclass(frozen=True)
class Running:
    """A command that was started; `handle` is readable once it has ended."""

    pid: int
    handle: int
    report: int

    def close(self) -> None:
        """Let go of it."""
        os.close(self.handle)
        os.close(self.report)


def import_everything() -> None:
    """So that no command has to."""
    for package in map(import_module, IMPORTED):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def serve(requests: socket.socket) -> bool:
    """True in a process that is now to run a command, False when nobody asks any more."""
    selector = selectors.PollSelector()
    selector.register(requests, selectors.EVENT_READ)
    running: dict[int, Running] = {}
    while True:
        for ready, _ in selector.select():
            if ready.fileobj is not requests:
                selector.unregister(ready.fd)
                ended = running.pop(ready.fd)
                _, status = os.waitpid(ended.pid, 0)
                os.write(ended.report, b"%d\n" % os.waitstatus_to_exitcode(status))
                ended.close()
                continue
            message, descriptors, _, _ = socket.recv_fds(requests, LONGEST, 4)
            if not message:
                for left in running.values():
                    os.kill(left.pid, signal.SIGKILL)
                return False
            *streams, report = descriptors
            pid = os.fork()
            if pid == 0:
                for other in running.values():
                    other.close()
                os.close(report)
                requests.close()
                become(message, streams)
                return True
            for stream in streams:
                os.close(stream)
            os.write(report, b"%d\n" % pid)
            started = Running(pid, os.pidfd_open(pid), report)
            running[started.handle] = started
            selector.register(started.handle, selectors.EVENT_READ)


def become(message: bytes, streams: list[int]) -> None:
    """Make this process what the message wants."""
    words, folder, environment = json.loads(message)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["slotgate", *words]


def command() -> int:
    """Run the command that this process has become: its exit code, as of `sys.exit(main())`."""
    try:
        return main()
    except SystemExit as leaving:  # from argparse
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception:  # noqa: BLE001  as Python would
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    # The terminal tells the tests as well, and they end this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_everything()
    gc.collect()
    gc.freeze()
    code = command() if serve(socket.socket(fileno=int(sys.argv[1]))) else 0
    sys.stdout.flush()
    sys.stderr.flush()
    # To take everything apart that was imported, as Python does when it ends, costs ten times the command.
    os._exit(code)
