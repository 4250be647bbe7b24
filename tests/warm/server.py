"""Starts `slotgate` commands by forking a process that has imported what they need.

`python -m tests.warm.server DESCRIPTOR` listens there. Each command is a connection: it brings JSON
`[words, folder, environment]` with stdin, stdout and stderr, and is told the process id at once and the
exit code in the end. Each command is a process of its own. When the standard input of the server ends,
commands that still run are killed, and so does it.
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
from contextlib import suppress
from importlib import import_module

from dashboard.cli.main import main

# All but the pages of the dashboard: imported where no server runs, they leave traces in Streamlit.
PACKAGES = (
    "schemas",
    "gates",
    "ingest",
    "dashboard.auth",
    "dashboard.backup",
    "dashboard.beta",
    "dashboard.cli",
    "dashboard.demo",
    "dashboard.documents",
    "dashboard.notify",
    "dashboard.record",
    "dashboard.retention",
    "dashboard.review",
    "dashboard.server",
    "dashboard.telemetry",
    "dashboard.web",
    "dashboard.worker",
)
OF_PAGES = ("altair", "pandas", "streamlit.web.server.starlette")
LONGEST = 1 << 18


def import_everything() -> None:
    """So that no command has to."""
    for package in map(import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for name in OF_PAGES:
        import_module(name)


class Server:
    """The commands that run, each by the handle that is readable once it has ended."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._selector = selectors.PollSelector()  # has no descriptor that a command could inherit
        self._running: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> bool:
        """True in a process that is now to run a command, False when nobody will ask any more."""
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for ready, _ in self._selector.select():
                if ready.fileobj is sys.stdin:
                    for pid, _ in self._running.values():
                        os.kill(pid, signal.SIGKILL)
                    return False
                if ready.fileobj is not self._listening:
                    self._ended(ready.fd)
                elif self._begun():
                    return True

    def _begun(self) -> bool:
        asking, _ = self._listening.accept()
        message, streams, _, _ = socket.recv_fds(asking, LONGEST, 3)
        pid = os.fork()
        if pid == 0:
            asking.close()
            self._listening.close()
            for handle, (_, other) in self._running.items():
                os.close(handle)
                other.close()
            become(message, streams)
            return True
        for stream in streams:
            os.close(stream)
        asking.send(b"%d" % pid)
        handle = os.pidfd_open(pid)
        self._running[handle] = pid, asking
        self._selector.register(handle, selectors.EVENT_READ)
        return False

    def _ended(self, handle: int) -> None:
        pid, asking = self._running.pop(handle)
        self._selector.unregister(handle)
        os.close(handle)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with asking, suppress(BrokenPipeError):  # somebody may not wait for it
            asking.send(b"%d" % code)


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
    code = command() if Server(socket.socket(fileno=int(sys.argv[1]))).serve() else 0
    sys.stdout.flush()
    sys.stderr.flush()
    # To take everything apart that was imported, as Python does when it ends, costs ten times the command.
    os._exit(code)
