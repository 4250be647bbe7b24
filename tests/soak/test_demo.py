"""`slotgate demo` from nothing: six days of history, then a page and jobs that run."""

import signal
from pathlib import Path

import pytest

from tests.dashboard.server.processes import started_afresh
from tests.gates.executor.exec.commands import until

# Some twenty seconds of work, where nothing else runs.
MAKING_S = 240.0


@pytest.mark.timeout(600)
def test_makes_a_home_and_runs_jobs_in_it(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with started_afresh(tmp_path, "demo", "--home", str(home)) as served:
        served.wait_until_ready(MAKING_S)
        logs = sorted((home / "spool").glob("slotgen-*.log"))
        before = sum(path.stat().st_size for path in logs)
        until(lambda: sum(path.stat().st_size for path in logs) > before)
        code, out, err = served.stop(signal.SIGINT)
    assert (code, "Traceback" in err) == (0, False)
    assert "jobs of synthetic history" in out
