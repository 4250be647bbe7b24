"""Passes of retention that archive, killed with SIGKILL at random moments, over and over."""

import subprocess
import sys
from pathlib import Path


def test_many_kills(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.ingest.archive.killing", str(tmp_path), "150")
    subprocess.run(command, check=True, timeout=600)
