"""Wait for the command as a shell would see it: pass on signals, stop when it stops, tell how it ended.

What the terminal sends reaches the command by itself, because it is in our process group; what is sent to
our process id is passed on. The kernel says which is which.
"""

import os
import signal
from collections.abc import Callable
from typing import NoReturn

_SIGNALLED = 128
_UNCATCHABLE = {signal.SIGKILL, signal.SIGSTOP}
# Faults of our own, and what a write to a pipe without a reader is told by in other ways.
_OURS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGSYS}
_OURS |= {signal.SIGABRT, signal.SIGPIPE}
_STOPS = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
_ENDS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}
WAITED = signal.valid_signals() - _UNCATCHABLE - _OURS


def take_signals() -> "tuple[set[signal.Signals | int], object]":
    """From now on signals wait for us; the mask and the handling of SIGCHLD as they were before."""
    child_signal = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would take the exit code away
    return signal.pthread_sigmask(signal.SIG_BLOCK, WAITED), child_signal


class Child:
    """The command. `status` is that of waitpid(2) once it has ended.

    `asked_to_end`: we were sent, or its terminal sent, a signal that ends commands.
    """

    def __init__(self, pid: int, resized: Callable[[], None]) -> None:
        self.pid = pid
        self.status: int | None = None
        self.asked_to_end = False
        self._resized = resized
        self._is_stopped = False
        self._was_let_go_on = False

    def wait(self, seconds: float | None = None) -> bool:
        """Attend to the next signal, or wait so long for one; whether the command has ended."""
        told = signal.sigwaitinfo(WAITED) if seconds is None else signal.sigtimedwait(WAITED, seconds)
        if told is not None:
            self._attend(told.si_signo, told.si_code)
        return self.status is not None

    def send(self, number: int) -> None:
        """Send a signal, if the command still runs."""
        if self.status is None:
            os.kill(self.pid, number)

    def _attend(self, number: int, code: int) -> None:
        if number == signal.SIGCHLD:
            self._look()
            return
        if number == signal.SIGWINCH:
            self._resized()
        self.asked_to_end |= number in _ENDS
        if number == signal.SIGCONT and self._was_let_go_on:
            self._go_on()
        elif number == signal.SIGCONT or code <= 0:  # above 0 it came from the kernel, and not to us alone
            self.send(number)

    def _go_on(self) -> None:
        """A shell lets its whole job go on. By now the command may have been stopped anew: that stands."""
        self._was_let_go_on = False
        self._look()
        if self._is_stopped:
            self.send(signal.SIGCONT)

    def _look(self) -> None:
        """What became of the command."""
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                if not self._goes_on():
                    self._is_stopped = True
                    _stop_as(os.WSTOPSIG(status))
                    self._was_let_go_on = True
            elif os.WIFCONTINUED(status):
                self._is_stopped = False
            else:
                self.status = status

    def _goes_on(self) -> bool:
        """Whether somebody let it go on since it stopped."""
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WCONTINUED)
        if pid and not os.WIFCONTINUED(status):
            self.status = status
        return bool(pid)


def _stop_as(number: int) -> None:
    """Stop like the command did, until somebody lets us go on; then the signal that did waits for us."""
    number = number if number in _STOPS else signal.SIGSTOP
    if number != signal.SIGSTOP:
        before = signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        signal.signal(number, before)
    else:
        os.kill(os.getpid(), number)


def end_as(status: int, exit_code: int) -> NoReturn:
    """End as the command did: by the same signal, else with `exit_code`. Does not return."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one core file is enough, and it is the command's
        if number not in _UNCATCHABLE:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        exit_code = _SIGNALLED + number  # the first process of a container is not ended by its own signals
    os._exit(exit_code)
