"""SIGKILL between any two steps of a piece of work, without touching the work.

The interpreter's own profiling hook reports every call into C. Before and after each call that
changes a file or the store, a forked child can be killed: the same point every time.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

_STEPS = frozenset(
    {"write", "fsync", "rename", "unlink", "truncate", "ftruncate", "utime", "mkdir", "open", "flock"}
    | {"execute", "executemany", "commit", "rollback", "connect"}
)
_OF = frozenset({"posix", "fcntl", "_sqlite3", "sqlite3"})
FINISHED, FAILED, KILLED = "finished", "failed", "killed"


def killed_at(point: int, work: Callable[[], object]) -> str:
    """Do `work` in a child and kill it at the `point`-th step; tell how the child ended."""
    pid = os.fork()
    if pid == 0:
        _work(point, work)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return KILLED
    return FINISHED if os.WEXITSTATUS(status) == 0 else FAILED


def _work(point: int, work: Callable[[], object]) -> None:
    seen = 0

    def hook(_frame: FrameType, event: str, called: Any) -> None:
        nonlocal seen
        if event in ("c_call", "c_return") and _is_step(called):
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        sys.setprofile(hook)
        work()
        code = 0
    finally:
        sys.setprofile(None)
        os._exit(code)


def _is_step(called: Any) -> bool:
    if getattr(called, "__name__", "") not in _STEPS:
        return False
    owner = getattr(called, "__self__", None)
    module = getattr(owner, "__name__", None) or type(owner).__module__
    return module in _OF
