"""A follower in a process of its own that also looks, as a page would, how far it is."""

import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.follow.follower import Follower
from ingest.load import Surroundings
from ingest.store import TelemetryStore

PAUSE_S = 0.2
LOOK_S = 0.5


@dataclass(frozen=True)
class Look:
    """What was seen at `at_ns`: bytes resident and on disk, rows, and the time of the newest row."""

    at_ns: int
    resident: int
    on_disk: int
    rows: int
    newest_ns: int | None


def follow(home: Path, paths: list[str], told: Connection) -> None:
    """Follow until told to end; then read what is left, and send the last look."""
    end = threading.Event()
    threading.Thread(target=_wait, args=(told, end), daemon=True).start()
    with TelemetryStore.open(home / "telemetry.duckdb") as store:
        follower = Follower(store, paths, Surroundings(None, time.time_ns, None), lambda: None)
        looking = threading.Thread(target=_look, args=(store, home, told, end))
        looking.start()
        still = 0
        while still < 15:  # three seconds without anything new: also the compressed were read
            followed = follower.poll()
            added = followed.summary.accepted
            still = still + 1 if end.is_set() and not added else 0
            if not followed.is_behind:
                time.sleep(PAUSE_S)
        looking.join()
        told.send(look(store, home))
        follower.close()


def _wait(told: Connection, end: threading.Event) -> None:
    told.recv()
    end.set()


def _look(store: TelemetryStore, home: Path, told: Connection, end: threading.Event) -> None:
    while not end.wait(LOOK_S):
        told.send(look(store, home))


def look(store: TelemetryStore, home: Path) -> Look:
    """How far it is."""
    with store.cursor() as cursor:
        rows, newest = cursor.execute("SELECT count(*), max(line_time_ns) FROM telemetry").fetchall()[0]
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    on_disk = sum(file.stat().st_size for file in home.iterdir())
    return Look(time.time_ns(), pages * os.sysconf("SC_PAGE_SIZE"), on_disk, rows, newest)
