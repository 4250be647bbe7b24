"""Start the command: a child in our process group that dies with us, and otherwise notices nothing."""

import errno
import os
import signal
from collections.abc import Callable

from gates.executor.exec.streams import STDERR, STDOUT, Streams

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_PYTHON_IGNORES = (signal.SIGPIPE, signal.SIGXFSZ)
_SHELL = "/bin/sh"
CANNOT_RUN, NOT_FOUND = 126, 127


class NotStarted(Exception):
    """The command could not be started; `exit_code` is what a shell would end with."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number).lower())
        self.exit_code = NOT_FOUND if number in (errno.ENOENT, errno.ENOTDIR) else CANNOT_RUN


class Spawner:
    """Starts commands; `mask` and `child_signal` are as we inherited them, and the command gets them so."""

    def __init__(self, streams: Streams, mask: "set[signal.Signals | int]", child_signal: object) -> None:
        self._streams = streams
        self._mask = mask
        self._child_signal = child_signal
        self._prctl = _prctl()

    def start(self, command: "list[str]", environ: "dict[str, str]") -> int:
        """The process id of the command, once it is running. Raises `NotStarted` and `OSError`."""
        reading, writing = os.pipe()
        us = os.getpid()
        child = os.fork()
        if child == 0:
            try:
                self._become(command, environ, us)
            except OSError as error:
                os.write(writing, b"%d" % (error.errno or errno.EIO))
            except BaseException:  # noqa: BLE001  nothing of ours may go on in the child
                os.write(writing, b"%d" % errno.EINVAL)
            finally:
                os._exit(CANNOT_RUN)
        os.close(writing)
        try:
            failed = os.read(reading, 16)
        finally:
            os.close(reading)
        if failed:
            os.waitpid(child, 0)
            raise NotStarted(int(failed))
        return child

    def _become(self, command: "list[str]", environ: "dict[str, str]", us: int) -> None:
        _tie(self._prctl, us)
        stdout, stderr = self._streams.stdout, self._streams.stderr
        if stdout is not None:
            os.dup2(stdout.theirs, STDOUT)
        if stderr is not None:
            os.dup2(stderr.theirs, STDERR)
            if self._streams.merged:
                os.dup2(stderr.theirs, STDOUT)
        for descriptor in self._streams.closed:
            os.close(descriptor)
        for number in _PYTHON_IGNORES:
            signal.signal(number, signal.SIG_DFL)
        if self._child_signal is signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        try:
            os.execvpe(command[0], command, environ)  # noqa: S606  running what we are told is the point
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # A script without a first line that names its interpreter: as `execvp` of the C library has it.
            path = _found(command[0], environ)
            os.execve(_SHELL, ["sh", path, *command[1:]], environ)  # noqa: S606  as above


def _found(name: str, environ: "dict[str, str]") -> str:
    if "/" in name:
        return name
    for folder in os.get_exec_path(environ):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return name


def tied_to(parent: int) -> "Callable[[], None]":
    """What a child calls before it becomes something else, so that it ends when `parent` does."""
    prctl = _prctl()
    return lambda: _tie(prctl, parent)


def _tie(prctl: "Callable[[int, int], int] | None", parent: int) -> None:
    if prctl is not None:
        prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(CANNOT_RUN)


def _prctl() -> "Callable[[int, int], int] | None":
    """The system's `prctl`, null where there is none: then only the pipes tell the command of our end."""
    import sys

    if sys.platform != "linux":
        return None
    import ctypes

    prctl: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return prctl
