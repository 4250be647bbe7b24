"""One job as a process: what comes out, what is too much, what is left when it is stopped."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.worker.exec_process import ExecProcess, ExecProcesses
from dashboard.worker.executor import Ended
from tests.dashboard.worker.test_served import is_gone, until
from tests.warm.commands import environment

PATIENCE_S = 90.0


def begun(folder: Path, script: str, spec: bytes = b"{}") -> ExecProcess:
    command = ("sh", "-c", script)
    return ExecProcesses(command, "worker", str(folder / "home"), environment()).start(spec)


def ended(process: ExecProcess) -> Ended:
    deadline = time.monotonic() + PATIENCE_S
    while (found := process.wait(0.05)) is None:
        assert time.monotonic() < deadline
    return found


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    spec = b'{"a": "' + b"x" * 300_000 + b'"}'
    assert ended(begun(tmp_path, "cat; exit 3", spec)) == Ended(3, spec)


def test_without_controls_the_kill_is_on(tmp_path: Path) -> None:
    assert ended(begun(tmp_path, 'printf %s "$SLOTGEN_AI_KILL"')) == Ended(0, b"true")


def test_too_much_is_stopped(tmp_path: Path) -> None:
    found = ended(begun(tmp_path, "yes"))
    assert found.output is None
    assert found.exit_code < 0


@pytest.mark.parametrize("seconds", [0, 2])
def test_stopped_with_all_that_it_started(tmp_path: Path, seconds: float) -> None:
    pids = tmp_path / "pids"
    process = begun(tmp_path, f"trap '' TERM; sleep 60 & echo $$ $! > {pids}; wait; sleep 60")
    until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    assert process.wait(0) is None
    process.stop(seconds)
    until(lambda: all(is_gone(int(pid)) for pid in pids.read_text().split()))


def test_a_host_of_workers_needs_neither_store_nor_dashboard() -> None:
    heavy = {"sqlalchemy", "streamlit", "duckdb", "starlette", "scipy", "pyarrow"}
    script = f"import sys, dashboard.cli.worker; sys.exit(len({heavy} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3]).returncode == 0
