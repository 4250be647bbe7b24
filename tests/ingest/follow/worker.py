"""A follower in a process of its own: it can be killed, and its disk can be full."""

import json
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from ingest.errors import StoreError
from ingest.follow.follower import Follower
from ingest.loading.load import Surroundings
from ingest.store import TelemetryStore

DONE, FAILED, KILLED = "done", "failed", "killed"
_STEPS = ("/ingest/store/", "/ingest/loading/", "/ingest/follow/")


class Worker:
    """Follows `paths` into the store at `store` until told to end, or killed."""

    def __init__(self, store: Path, paths: list[str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                self._socket.close()
                _Loop(theirs, store, paths).run()
                code = 0
            finally:
                os._exit(code)
        theirs.close()

    def poll(self, seconds: float = 0.0, clock_s: float = 0.0) -> str:
        """One pass, `seconds` after the last one, with a wall clock that is off: how it ended."""
        return self._told({"seconds": seconds, "clock": clock_s})

    def poll_and_die(self, step: int) -> str:
        """One pass, killed with SIGKILL at a step of it, if it has so many."""
        return self._told({"step": step})

    def poll_on_full_disk(self, free: int, seconds: float = 0.0) -> str:
        """The same while no file of the store may grow by more than `free` bytes."""
        return self._told({"free": free, "seconds": seconds})

    def kill(self) -> None:
        """With SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)
        self._buried()

    def end(self) -> None:
        """Let the store be closed."""
        self._socket.close()
        self._buried()

    def _told(self, command: dict[str, Any]) -> str:
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        answer = self._socket.recv(65_536).decode()
        if not answer:
            self._buried()
            return KILLED
        assert answer in (DONE, FAILED), answer
        return answer

    def _buried(self) -> None:
        self._socket.close()
        os.waitpid(self._pid, 0)


class _Loop:
    def __init__(self, commands: socket.socket, store: Path, paths: list[str]) -> None:
        self._commands, self._path, self._paths = commands, store, paths
        self._seconds = self._clock_s = 0.0
        self._store, self._follower = self._opened()

    def run(self) -> None:
        for line in self._commands.makefile("rb"):
            self._commands.sendall(self._answer(json.loads(line)).encode())
        self._store.close()

    def _opened(self) -> tuple[TelemetryStore, Follower]:
        store = TelemetryStore.open(self._path)
        around = Surroundings(None, lambda: time.time_ns() + round(self._clock_s * 1e9), None)
        return store, Follower(store, self._paths, around, lambda: None, lambda: self._seconds)

    def _answer(self, command: dict[str, Any]) -> str:
        self._seconds += command.get("seconds", 0.0)
        self._clock_s = command.get("clock", self._clock_s)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            if "step" in command:
                sys.setprofile(_killer(command["step"]))
            if "free" in command:
                files = self._path.parent.glob(f"{self._path.name}*")
                largest = max(one.stat().st_size for one in files)
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest + command["free"], limits[1]))
            self._follower.poll()
        except StoreError:
            return FAILED
        except BaseException as error:  # noqa: BLE001  the test is told
            return repr(error)
        finally:
            sys.setprofile(None)
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        return DONE


def _killer(step: int) -> Any:
    seen = 0

    def hook(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal seen
        if event in ("call", "return") and any(part in frame.f_code.co_filename for part in _STEPS):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook
