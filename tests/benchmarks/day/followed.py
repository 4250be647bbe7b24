"""A follower in a process of its own, kept small, that also looks, as a page would, how far it is."""

import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.follow.follower import Follower
from ingest.follow.pacing import pause_s
from ingest.loading.load import Surroundings
from ingest.rollups.grain import Grain
from ingest.rollups.reading import counts
from ingest.store import TelemetryStore
from tests.benchmarks.day.upkeep import Kept, Plan, Upkeep

LOOK_S = 0.5
_STORED = f"SELECT coalesce(sum(lines), 0)::BIGINT FROM ({counts(None, Grain.HOUR, ('path',))})"


@dataclass(frozen=True)
class Look:
    """What was seen at `at_ns`: bytes resident and on disk, lines, and what time the newest one says.

    `stored` lines were counted since the beginning, `held` of them are in the table.
    """

    at_ns: int
    resident: int
    on_disk: int
    stored: int
    held: int
    newest_ns: int | None


def follow(home: Path, paths: list[str], plan: Plan, told: Connection) -> None:
    """Follow until told to end; then read what is left, and send a last look and what upkeep did."""
    end = threading.Event()
    threading.Thread(target=_wait, args=(told, end), daemon=True).start()
    with TelemetryStore.open(home / "telemetry.duckdb") as store:
        follower = Follower(store, paths, Surroundings(None, time.time_ns, None), lambda: None)
        upkeep = Upkeep(store, plan)
        beside = [
            threading.Thread(target=_look, args=(store, home, told, end)),
            threading.Thread(target=upkeep.run, args=(end,)),
        ]
        for thread in beside:
            thread.start()
        still = 0
        while still < 15:  # three seconds without anything new: also the compressed were read
            looked = time.monotonic()
            followed = follower.poll()
            took_s = time.monotonic() - looked
            added = followed.summary.accepted
            still = still + 1 if end.is_set() and not added else 0
            time.sleep(pause_s(followed, took_s))
        for thread in beside:
            thread.join()
        kept: Kept = upkeep.ended()
        told.send(look(store, home))
        told.send(kept)
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
        cursor.execute("BEGIN")  # one state for both, whatever is stored or deleted between them
        held, newest = cursor.execute("SELECT count(*), max(line_time_ns) FROM telemetry").fetchall()[0]
        stored = cursor.execute(_STORED).fetchall()[0][0]
        cursor.execute("COMMIT")
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    on_disk = sum(file.stat().st_size for file in home.iterdir())
    return Look(time.time_ns(), pages * os.sysconf("SC_PAGE_SIZE"), on_disk, stored, held, newest)
