"""`slotgate exec` as a process of its own for each job, with its spec on stdin and its stdout in a file.

Files without a name, not pipes: neither side can hold the other up, and the spec is seen whole.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

from dashboard.worker.executor import Ended
from gates.executor.exec.spawn import tied_to
from gates.tasks.payload import LARGEST_BODY

SLOTGATE = (sys.executable, "-P", "-c", "import sys; from dashboard.cli import main; sys.exit(main())")
OURS = (*SLOTGATE, "run")
"""What runs where no command is named."""


class ExecProcess:
    """A running `slotgate exec`."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process = process
        self._output = output

    def wait(self, seconds: float) -> Ended | None:
        """Looks at the size of the output each time."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if os.fstat(self._output.fileno()).st_size > LARGEST_BODY:
            self.stop(0)
            return Ended(self._process.returncode, None)
        if self._process.returncode is None:
            return None
        with self._output:
            self._output.seek(0)
            return Ended(self._process.returncode, self._output.read())

    def stop(self, seconds: float) -> None:
        """By SIGTERM, then by SIGKILL; whoever is left of the group goes, too."""
        self._output.close()
        if seconds and self._process.returncode is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


class ExecProcesses:
    """Starts them. `command` is what `exec` runs, `home` is named to it where one was named to us."""

    def __init__(
        self, command: Sequence[str], source: str, home: str | None, environ: Mapping[str, str]
    ) -> None:
        named = () if home is None else ("--home", home)
        self._words = (*SLOTGATE, "exec", *named, "--source", source, "--", *(command or OURS))
        self._environ = dict(environ)

    def start(self, spec: bytes) -> ExecProcess:
        """In a group of its own, which dies with us."""
        output = TemporaryFile()  # noqa: SIM115  closed when the run has ended
        with TemporaryFile() as given:
            given.write(spec)
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603  running what we are told is the point
                self._words,
                stdin=given,
                stdout=output,
                env=self._environ,
                start_new_session=True,
                preexec_fn=tied_to(os.getpid()),
            )
        return ExecProcess(process, output)
