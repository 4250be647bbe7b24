"""SIGTERM, SIGINT and SIGHUP as an exception, but only where one can be dealt with.

A signal between the decision and its telemetry line must not lose the line: outside `raising` it is
only remembered. A second signal of the same volley (`timeout` sends two) is ignored; one that comes
later ends the process at once. Where Python cannot pass an exception on (in a destructor, in some
C code) it is not lost: it is raised again a moment later.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_VOLLEY_S = 2.0
_AGAIN_S = 0.01
EXIT_BASE = 128


class Interrupted(KeyboardInterrupt):
    """The process was asked to end. A `KeyboardInterrupt`, because event loops let that one through."""


class Interrupts:
    """What the process was sent; `received` is the first signal's number."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._raising = False
        self._since = 0.0

    def install(self) -> None:
        """Take over the signals that are not ignored (a shell's background job ignores SIGINT)."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._handle)
        signal.signal(signal.SIGALRM, self._raise_again)
        sys.unraisablehook = self._unraisable

    @property
    def exit_code(self) -> int | None:
        """128 + the signal's number, or None when none came."""
        return None if self.received is None else EXIT_BASE + self.received

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raise `Interrupted` in this block, also for a signal that came before it."""
        self._raising = True
        try:
            if self.received is not None:
                raise Interrupted
            yield
        finally:
            self._raising = False

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            if time.monotonic() - self._since > _VOLLEY_S:
                os._exit(EXIT_BASE + number)
            return
        self.received = number
        self._since = time.monotonic()
        if self._raising:
            raise Interrupted

    def _unraisable(self, unraisable: "sys.UnraisableHookArgs") -> None:
        if isinstance(unraisable.exc_value, Interrupted):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        else:
            sys.__unraisablehook__(unraisable)

    def _raise_again(self, _number: int, _frame: FrameType | None) -> None:
        if self._raising:
            raise Interrupted
