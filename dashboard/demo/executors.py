"""Real `slotgate run` processes, one a job; their stderr goes into the spool as a container's would."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from dashboard.demo.chatter import Chatter
from dashboard.demo.rehearsal import WORKERS
from dashboard.demo.story import Trouble
from dashboard.demo.worker_log import WorkerLog
from gates.home import Home

# Not a key: the stub server takes anything, and this says so to whoever finds it.
NO_KEY = "no-key-this-is-the-demo"
AT_ONCE = 12
PATIENCE_S = 6.0
_COMMAND = (
    sys.executable,
    "-c",
    "import sys; from dashboard.cli import main; sys.exit(main())",
    "run",
    "--home",
)
_OURS = ("SLOTGATE_", "SLOTGEN_", "FEATURE_", "OPENAI_")


class Executors:
    """Runs jobs in processes of their own, at most twelve at once. `stop` leaves none behind."""

    def __init__(self, home: Home, environ: Mapping[str, str], base_url: str) -> None:
        self._home = home
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
        self._pool.submit(self._run, spec, worker % len(WORKERS), trouble)

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
        process = self._start(environ)
        if process is None:
            return
        try:
            self._follow(process, spec, worker, trouble)
        finally:
            process.wait()
            with self._lock:
                self._running.discard(process)

    def _start(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping:
                return None
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                [*_COMMAND, str(self._home.root)],
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
        assert process.stdin is not None
        assert process.stderr is not None
        self._log(worker, self._chatter.before(str(spec["jobId"])))
        with process.stdin as stdin, process.stderr as stderr:
            try:
                stdin.write(json.dumps(spec).encode())
                stdin.close()
            except BrokenPipeError:
                return  # it was ended before it read
            for line in stderr:
                self._log(worker, self._chatter.mangled(line) if trouble is Trouble.CUT_LINES else line)
        if process.wait() == 1:
            self._log(worker, self._chatter.after_failure(trouble))

    def _log(self, worker: int, text: bytes) -> None:
        if text:
            with self._lock:
                self._logs[worker].write(time.time_ns(), text)
