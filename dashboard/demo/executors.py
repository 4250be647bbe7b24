"""Real executors, one process a job: `slotgate run`, and with Node a script of its own under `slotgate exec`.

The stderr of `slotgate run` goes into the spool as a container's would; exec captures that of its command.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any

from dashboard.demo.chatter import Chatter
from dashboard.demo.node import SCRIPT, Node
from dashboard.demo.rehearsal import WORKERS
from dashboard.demo.story import Trouble
from dashboard.demo.worker_log import WorkerLog
from gates.home import Home

# Not a key: the stub server takes anything, and this says so to whoever finds it.
NO_KEY = "no-key-this-is-the-demo"
AT_ONCE = 12
PATIENCE_S = 6.0
_SLOTGATE = (sys.executable, "-c", "import sys; from dashboard.cli import main; sys.exit(main())")
_OF_EXEC = b"slotgate exec: "
_OURS = ("SLOTGATE_", "SLOTGEN_", "FEATURE_", "OPENAI_")


class Executors:
    """Runs jobs in processes of their own, at most twelve at once. `stop` leaves none behind.

    `places` is how many workers share the jobs: those of `slotgate run`, then the one with `node`, if any.
    `say` is told what exec says of itself.
    """

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        base_url: str,
        node: Node | None,
        say: Callable[[str], None],
    ) -> None:
        root = str(home.root)
        self._commands: list[tuple[str, ...]] = [(*_SLOTGATE, "run", "--home", root)] * len(WORKERS)
        if node is not None:
            under_exec = (*_SLOTGATE, "exec", "--home", root, "--source", "node", "--")
            self._commands.append((*under_exec, node.program, str(SCRIPT)))
        self.places = len(self._commands)
        self._say = say
        plain = {name: value for name, value in environ.items() if not name.startswith(_OURS)}
        self._environ = {**plain, "OPENAI_API_KEY": NO_KEY, "OPENAI_BASE_URL": base_url}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="executor")
        self._lock = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = False
        self._logs = [WorkerLog(home.spool / f"{name}.log") for name in WORKERS]
        self._chatter = Chatter(str(time.time_ns()))

    @property
    def busy(self) -> bool:
        """Whether every place is taken; then a job waits for the next turn instead of in a queue."""
        return len(self._running) >= AT_ONCE

    def run(self, spec: dict[str, Any], worker: int, trouble: Trouble) -> None:
        """Run one job in the background."""
        self._pool.submit(self._run, spec, worker % self.places, trouble)

    def stop(self) -> None:
        """Let what runs end by itself for a few seconds, then end it; all processes are gone afterwards."""
        with self._lock:
            self._stopping = True
        deadline = time.monotonic() + PATIENCE_S
        while self._running and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._lock:
            for process in self._running:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for log in self._logs:
            log.close()

    def _run(self, spec: dict[str, Any], worker: int, trouble: Trouble) -> None:
        environ = self._environ
        if trouble is Trouble.MISSING_KEY and worker == 0:
            environ = {name: value for name, value in environ.items() if name != "OPENAI_API_KEY"}
        process = self._start(self._commands[worker], environ)
        if process is None:
            return
        try:
            if worker < len(self._logs):
                self._follow(process, spec, worker, trouble)
            else:
                self._attend(process, spec)
        finally:
            process.wait()
            with self._lock:
                self._running.discard(process)

    def _start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping:
                return None
            process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=dict(environ),
                cwd=os.sep,
                # Ctrl-C reaches the demo alone, and it ends them in order.
                start_new_session=True,
            )
            self._running.add(process)
            return process

    def _follow(
        self, process: subprocess.Popen[bytes], spec: dict[str, Any], worker: int, trouble: Trouble
    ) -> None:
        """Feed the spec and log each line of stderr when it comes."""
        assert process.stderr is not None
        self._log(worker, self._chatter.before(str(spec["jobId"])))
        _feed(process, spec)
        with process.stderr as stderr:
            for line in stderr:
                self._log(worker, self._chatter.mangled(line) if trouble is Trouble.CUT_LINES else line)
        if process.wait() == 1:
            self._log(worker, self._chatter.after_failure(trouble))

    def _attend(self, process: subprocess.Popen[bytes], spec: dict[str, Any]) -> None:
        """Feed the spec; what the command says is captured already, exec says what is wrong."""
        assert process.stderr is not None
        _feed(process, spec)
        with process.stderr as stderr:
            for line in stderr:
                if line.startswith(_OF_EXEC):
                    self._say(line.decode(errors="replace").rstrip())

    def _log(self, worker: int, text: bytes) -> None:
        if text:
            with self._lock:
                self._logs[worker].write(time.time_ns(), text)


def _feed(process: subprocess.Popen[bytes], spec: dict[str, Any]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as stdin:  # it may have been ended before it read
        stdin.write(json.dumps(spec).encode())
