"""`slotgate demo` from its start to a page, and from Ctrl-C to nothing.

The home has a thin history of its first steps: tests/soak lets the command make a whole one.
"""

import json
import os
import signal
import stat
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from dashboard.demo.home import held, prepare
from dashboard.demo.node import in_words, node_in
from dashboard.demo.past import back_fill
from dashboard.demo.story import PAST_CHANGES
from tests.dashboard.demo.test_home import silent
from tests.dashboard.server.processes import refused, started, started_afresh
from tests.warm.commands import run

ENABLED = partial(back_fill, jobs_an_hour=1, story=PAST_CHANGES[:4])
"""Live at canary-1."""


def processes_naming(home: Path) -> list[str]:
    """Command lines of every process that names `home`."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [words for words in listed.splitlines() if str(home) in words and "pytest" not in words]


@pytest.mark.timeout(400)
def test_the_demo_runs_jobs_and_leaves_nothing_running(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with held(home):
        prepare(home, silent, silent, ENABLED)
    with started_afresh(tmp_path, "demo", "--home", str(home)) as served:
        served.wait_until_ready()
        assert stat.S_IMODE(os.stat(home).st_mode) == 0o700
        spool = sorted((home / "spool").iterdir())
        before = sum(path.stat().st_size for path in spool)
        deadline = time.monotonic() + 60
        while sum(path.stat().st_size for path in spool) == before and time.monotonic() < deadline:
            time.sleep(0.2)
        assert sum(path.stat().st_size for path in spool) > before, "no job ran"
        code, out, err = served.stop(signal.SIGINT)
    assert code == 0
    assert f"continuing the demo in `{home}`" in out
    assert f"jobs are run by {in_words(node_in(os.environ))}" in out
    assert f"open {served.url}" in out
    assert "Traceback" not in err
    assert processes_naming(home) == []

    # Whoever kills the demo must see it stay killed, also over a restart.
    killed = run(tmp_path, "kill", "--home", home, "--json")
    assert json.loads(killed.stdout)["killed"] is True
    with started(tmp_path, "demo", "--home", str(home)) as served:
        served.wait_until_ready()
        deadline = time.monotonic() + 60
        lines = sum(path.stat().st_size for path in spool)
        while sum(path.stat().st_size for path in spool) == lines and time.monotonic() < deadline:
            time.sleep(0.2)
        assert json.loads((home / "controls" / "control.json").read_bytes())["kill"] is True
        code, out, _ = served.stop(signal.SIGINT)
    assert code == 0
    assert "the demo leaves them as they are" in out


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    code, said = refused(tmp_path, "demo", "--home", str(tmp_path), "--port", "0")
    assert code == 4
    assert "is no home of the demo" in said
