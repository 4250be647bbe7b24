"""Run the peer as `streamlit run` does, with what our own server switches off switched off as well."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gates.home import Home
from tests.dashboard.record import environ
from tests.dashboard.server.processes import PATIENCE_S, Served, free_port

APP = Path(__file__).with_name("plain_app.py")
OPTIONS = (
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
    "--client.toolbarMode=minimal",
    "--logger.level=error",
)


@contextmanager
def plain_app(telemetry: Path, home: Home, port: int | None = None) -> Iterator[Served]:
    """The peer over `telemetry`, with a button that stops `home`."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", APP, f"--server.port={port}", *OPTIONS],
        cwd=Path(__file__).parents[3],
        env=environ(
            PLAIN_TELEMETRY=str(telemetry), PLAIN_HOME=str(home.root), PYTHONPATH=str(APP.parents[3])
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    served = Served(process, port)
    try:
        until_it_answers(served, "/_stcore/health")
        yield served
    finally:
        process.kill()
        process.wait()


def until_it_answers(served: Served, path: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if served.get(path)[0] == 200:
                return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.02)
    raise AssertionError("it does not answer")
