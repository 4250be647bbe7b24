"""One command under the controls, from its start to its end (docs/executor.md, "Any executor").

Up to the start only what it needs is imported; the rest is while the command runs.
"""

import time

from gates.executor.exec.prepared import NO_HOME, Place, prepare
from gates.executor.exec.saying import say
from gates.executor.exec.spawn import NotStarted, Spawner
from gates.executor.exec.spec_peek import SpecPeek
from gates.executor.exec.streams import Streams, resize
from gates.executor.exec.task import Task
from gates.executor.exec.waiting import Child, take_signals


def run(task: Task, place: Place, environ: "dict[str, str]") -> int:
    """Run it. Returns only when it could not be started, with the exit code of that."""
    started_ns = time.time_ns()
    prepared = prepare(place, environ)
    if prepared.unknown is not None:
        captured = "; its stderr is not captured" if prepared.unknown == NO_HOME else ""
        say(f"{prepared.unknown}; the command runs with the kill switch on{captured}")
    if task.watch is not None:
        from gates.executor.exec.watching import with_variables_file

        environ = with_variables_file(environ, task, place, prepared)
    streams = Streams(copy_stdout=task.watch is None)
    peek = SpecPeek()
    spawner = Spawner(streams, *take_signals())
    try:
        pid = spawner.start(task.command, {**environ, **prepared.variables})
    except NotStarted as error:
        say(f"`{task.command[0]}` cannot be started: {error}; name a program that is there")
        return error.exit_code
    from gates.executor.exec.attending import Attendance

    def resized() -> None:
        if streams.stderr is not None and streams.stderr.is_terminal:
            resize(streams.stderr)

    child = Child(pid, resized)
    attendance = Attendance(task, place, prepared, streams, started_ns, peek)
    if task.watch is not None:
        from gates.executor.exec.watching import Watch

        child, prepared = Watch(task, place, environ, prepared, spawner, resized).until_end(child)
    else:
        while not child.wait():
            pass
    attendance.end(child, prepared)
    raise AssertionError("an ended command has ended us")
