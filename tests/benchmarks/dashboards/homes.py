"""A home with a day of lines, the same day for the peer, and a writer that goes on."""

import json
import random
import shutil
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gates.changes.composing import change_service
from gates.changes.content import Terms
from gates.changes.ports import NoEvidence, NoRecentJobs
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.benchmarks.mixed_lines import compact, record
from tests.dashboard.auth.town import ALICE, Clock, Town, now, town
from tests.dashboard.record import HOUR_NS, seated, spool

LINES = 50_000
LINES_A_SECOND = 4
EVERYTHING = frozenset(Role)


def home_of_a_day(folder: Path) -> Town:
    """The controls have been live for 25 hours; `LINES` lines stand in the spool, all of them loaded."""
    clock = Clock()
    clock.now = now().now - 25 * HOUR_NS
    here = town(folder, clock=clock)
    draw = random.Random(1)
    begin, apart = time.time_ns() - 24 * HOUR_NS, 24 * HOUR_NS // LINES
    spool(here.home, ((begin + n * apart, compact(record(draw, n)).encode()) for n in range(LINES)))
    seated(here.home).store.close()
    return here


def copy_of_telemetry(home: Home, folder: Path) -> Path:
    """The telemetry as it stands; nobody may have it open."""
    folder.mkdir()
    return Path(shutil.copy(home.telemetry, folder / "telemetry.duckdb"))


@contextmanager
def lines_coming_in(home: Home) -> Iterator[None]:
    """Some lines a second as long as this lasts, so that views never stay the same."""
    end = threading.Event()
    draw = random.Random(2)

    def write() -> None:
        number = LINES
        while not end.wait(1 / LINES_A_SECOND):
            number += 1
            spool(home, [(time.time_ns(), compact(record(draw, number)).encode())], "later.log")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def release(home: Home) -> None:
    """Two people release the kill, over the store."""
    alice, bob = Actor(ALICE, EVERYTHING), Actor("local|bob", EVERYTHING)
    store = Store.open(home.store)
    try:
        # As for the command line, which would first ask the server that is being measured.
        service = change_service(home, store, NoEvidence(), NoRecentJobs())
        service.reconcile()
        terms = Terms(reason="the benchmark goes on", decision_record="https://decisions.example/1")
        number = service.unkill(alice, terms).request
        assert number is not None
        service.approve(bob, number)
        service.apply(alice, number)
    finally:
        store.close()
    assert not ControlFile(home.control_file).current().killed


def session_cookie(url: str, token: str) -> str:
    """The cookie of a session that the token opens."""
    request = urllib.request.Request(
        f"{url}/api/v1/sign-in",
        data=json.dumps({"token": token}).encode(),
        headers={"X-Slotgate-Request": "1", "Origin": url, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(answer.headers["Set-Cookie"]).split(";")[0]
