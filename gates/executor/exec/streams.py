"""Which descriptors the command gets, and which of them are pipes of ours. Stdin is never ours.

- stdout on a terminal stays the terminal: nobody collects a result there.
- stderr on a terminal is another terminal of ours of the same size that changes no byte.
- stdout and stderr that are one pipe or file stay one, or their lines would change places.
- what is closed stays closed.
"""

import fcntl
import os
import stat
from contextlib import suppress

STDIN, STDOUT, STDERR = 0, 1, 2
PIPE_BYTES = 1 << 18
_SET_PIPE_SIZE, _GET_PIPE_SIZE = 1031, 1032  # F_SETPIPE_SZ, F_GETPIPE_SZ: `fcntl` names them on Linux only


class Stream:
    """One descriptor of the command. `theirs` is what it gets, null for the inherited one.

    `ours` is where its bytes arrive; `target` the descriptor of ours that they go to. `is_terminal`:
    `ours` has a size to keep.
    """

    __slots__ = ("is_terminal", "ours", "target", "theirs")

    def __init__(self, target: int, ours: int, theirs: int, *, is_terminal: bool = False) -> None:
        self.target = target
        self.ours = ours
        self.theirs = theirs
        self.is_terminal = is_terminal


class Streams:
    """What passes through us: each null where it does not. `merged`: stdout goes with `stderr`."""

    __slots__ = ("closed", "merged", "stderr", "stdout")

    def __init__(self, *, copy_stdout: bool) -> None:
        out, err = _status(STDOUT), _status(STDERR)
        self.closed = frozenset(n for n in (STDIN, STDOUT, STDERR) if _status(n) is None)
        hold(self.closed)
        self.merged = _are_one(out, err)
        self.stdout: Stream | None = None
        self.stderr: Stream | None = None
        if err is not None:
            self.stderr = _terminal() if os.isatty(STDERR) else _pipe(STDERR)
        if copy_stdout and out is not None and not self.merged and not os.isatty(STDOUT):
            self.stdout = _pipe(STDOUT)

    def all(self) -> "tuple[Stream, ...]":
        """Those that pass through us."""
        return tuple(stream for stream in (self.stdout, self.stderr) if stream is not None)


def hold(closed: "frozenset[int]") -> None:
    """Let the null device hold closed descriptors, or the next file that is opened would get one."""
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # the lowest free number


def set_pipe_size(descriptor: int, size: int) -> None:
    """At least `size` bytes, where this user may have so much; else as it was."""
    with suppress(OSError):
        if fcntl.fcntl(descriptor, _GET_PIPE_SIZE) < size:
            fcntl.fcntl(descriptor, _SET_PIPE_SIZE, size)


def resize(stream: Stream) -> None:
    """Give our terminal the size of the real one."""
    import termios

    try:
        fcntl.ioctl(stream.ours, termios.TIOCSWINSZ, fcntl.ioctl(stream.target, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return


def _status(descriptor: int) -> "os.stat_result | None":
    try:
        return os.fstat(descriptor)
    except OSError:
        return None


def _are_one(out: "os.stat_result | None", err: "os.stat_result | None") -> bool:
    if out is None or err is None or stat.S_ISCHR(out.st_mode):
        return False
    return (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino)


def _pipe(target: int) -> Stream:
    ours, theirs = os.pipe()
    set_pipe_size(ours, PIPE_BYTES)
    return Stream(target, ours, theirs)


def _terminal() -> Stream:
    """A terminal that changes nothing: what the real one does with the bytes, the real one does."""
    import termios

    try:
        ours, theirs = os.openpty()
    except OSError:  # none to be had
        return _pipe(STDERR)
    os.set_inheritable(theirs, False)
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    stream = Stream(STDERR, ours, theirs, is_terminal=True)
    resize(stream)
    return stream
