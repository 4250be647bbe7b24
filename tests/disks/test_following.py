"""`slotgate ingest follow` on a disk that is full to the last byte waits, and goes on when there is room."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from dashboard.cli.main import main
from ingest.store import TelemetryStore
from tests.disks.troubles import Disk, Trouble, Way, on_disk
from tests.ingest.follow.following import jobs
from tests.ingest.stored import cri, stored_jobs

PATIENCE_S = 60.0


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def followed(disk: Disk, log: Path) -> tuple[int, list[str], list[str]]:
    """How the command ended whose disk was full for a while, what it told, and what is stored."""
    sys.stdout, sys.stderr = out, err = StringIO(), StringIO()
    home = disk.folder / "home"

    def meanwhile() -> None:
        try:
            until(lambda: "app.log: new" in out.getvalue())
            disk.begin()
            with log.open("ab") as file:
                file.write(cri(*range(2, 2_000)))
            until(lambda: "nothing is stored until then" in err.getvalue())
            log.rename(log.with_name("app.log.1")).unlink()
            log.write_bytes(cri(2_000))
            disk.end()
            until(lambda: out.getvalue().count("app.log: new") == 2)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    code = main(["ingest", "follow", str(log), "--home", str(home)])
    thread.join()
    with TelemetryStore.open_for_reading(home / "telemetry.duckdb") as store:
        return code, err.getvalue().splitlines(), stored_jobs(store)


def test_a_disk_without_a_byte_left_is_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(cri(1))
    code, told, stored = on_disk(Way.MOUNTED, Trouble.FULL, lambda disk: followed(disk, log))
    assert (code, stored) == (0, jobs(*range(1, 2_001)))
    begun, over = told
    assert "is full; free some space" in begun
    assert "lines are stored again" in over
