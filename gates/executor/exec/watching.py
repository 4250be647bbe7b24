"""A long-running command follows the controls: started again with new variables, or told by a signal."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gates.controls.variables import ALL, KILL
from gates.executor.exec.given import Prepared
from gates.executor.exec.prepared import Place
from gates.executor.exec.read_anew import Anew
from gates.executor.exec.saying import say
from gates.executor.exec.spawn import NotStarted, Spawner
from gates.executor.exec.task import RESTART, Task
from gates.executor.exec.waiting import Child
from gates.home import Home

VARIABLES_FILE = "SLOTGATE_EXEC_VARIABLES"
LOOK_EVERY_S = 0.25
_GRACE_S = 10.0
_GRACE_WHEN_KILLED_S = 1.0


class Watch:
    """Looks at the controls while the command runs."""

    def __init__(
        self,
        task: Task,
        place: Place,
        environ: Mapping[str, str],
        prepared: Prepared,
        spawner: Spawner,
        resized: Callable[[], None],
    ) -> None:
        self._task = task
        self._environ = environ
        self._prepared = prepared
        self._spawner = spawner
        self._resized = resized
        self._anew = None
        if place.root is not None and place.control_file is not None:
            self._anew = Anew(place.root, place.control_file, environ)

    def until_end(self, child: Child) -> tuple[Child, Prepared]:
        """The last process of the command, ended by itself, by a signal to us, or unable to start again."""
        while not child.wait(LOOK_EVERY_S):
            if self._anew is None or child.asked_to_end or not self._anew.may_have_changed():
                continue
            now = self._anew.prepared()
            if now.variables == self._prepared.variables:
                continue
            self._prepared = now
            if now.unknown is not None:
                say(f"{now.unknown}; the kill switch is on for the command")
            if self._task.watch == RESTART or not self._told(child):
                self._end(child)
                child = child if child.asked_to_end else self._started() or child
        if VARIABLES_FILE in self._environ:
            with suppress(OSError):
                Path(self._environ[VARIABLES_FILE]).unlink()
        return child, self._prepared

    def _told(self, child: Child) -> bool:
        """Write the variables where the command may read them, and send the signal; whether it is told."""
        path = self._environ.get(VARIABLES_FILE)
        try:
            if path is not None:
                write_variables(Path(path), self._prepared.variables)
        except OSError as error:
            say(f"`{path}` cannot be written: {(error.strerror or 'unknown error').lower()}; starting again")
            return False
        child.send(signal.Signals[str(self._task.watch)])
        return path is not None

    def _end(self, child: Child) -> None:
        """Ask it to end, then end it: after a kill soon, because it still has the old flags."""
        is_killed = self._prepared.variables[KILL] == "true"
        child.send(signal.SIGTERM)
        child.send(signal.SIGCONT)
        deadline = time.monotonic() + (_GRACE_WHEN_KILLED_S if is_killed else _GRACE_S)
        while not child.wait(max(0.0, deadline - time.monotonic())):
            if time.monotonic() >= deadline:
                child.send(signal.SIGKILL)
                deadline = time.monotonic() + _GRACE_S

    def _started(self) -> Child | None:
        environ = {**self._environ, **self._prepared.variables}
        try:
            return Child(self._spawner.start(self._task.command, environ), self._resized)
        except NotStarted as error:
            say(f"`{self._task.command[0]}` cannot be started again: {error}; name a program that is there")
            return None


def with_variables_file(
    environ: dict[str, str], task: Task, place: Place, prepared: Prepared
) -> dict[str, str]:
    """For a command that is told by a signal: the environment with the name of a file of its variables.

    Without such a file a signal tells nothing, and the command is started again instead.
    """
    if task.watch == RESTART or place.root is None:
        return environ
    path = Home(Path(place.root)).exec / f"variables-{os.getpid()}"
    try:
        write_variables(path, prepared.variables)
    except OSError:
        return environ
    return {**environ, VARIABLES_FILE: str(path)}


def write_variables(path: Path, variables: Mapping[str, str]) -> None:
    """One `NAME=value` a line, replaced as a whole, 0600. Raises `OSError`."""
    draft = path.with_name(f".{path.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{name}={variables[name]}\n" for name in ALL)
    draft.replace(path)
