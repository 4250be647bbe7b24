"""From the call of a kill to the last of 8 processes obeying, beside a flag client that follows a file."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gates.home import Home
from tests.gates.changes.deciding import Outcome, kills_and_releases

PROCESSES = 8
FLIPS = 40
POLL_SECONDS = 1


@pytest.mark.timeout(1800)
def test_ten_thousand_kills(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        many = kills_and_releases(Home(Path(folder) / "home"), kills=10_000, processes=PROCESSES)
    on_disk = kills_and_releases(Home(tmp_path / "home"), kills=300, processes=PROCESSES)
    show("in memory", many)
    show("on this disk", on_disk)
    for how, polling in (("polled each second, its default", True), ("told by inotify (watchdog)", False)):
        show_peer(how, flips(tmp_path / f"{polling}.json", polling), on_disk)
    assert (many.stale, on_disk.stale) == (0, 0)


def show(where: str, outcome: Outcome) -> None:
    p50, p99, last = (outcome.percentile(percent) for percent in (50, 99, 100))
    print(
        f"\n{outcome.kills} kills {where}, {PROCESSES} processes, {outcome.decisions} decisions: "
        f"{outcome.stale} stale; call to last process obeying p50 {p50:.2f} ms, p99 {p99:.2f} ms, "
        f"max {last:.2f} ms"
    )


def show_peer(how: str, peer: "Flips", ours: Outcome) -> None:
    p50, p99, last = (peer.percentile(percent) for percent in (50, 99, 100))
    print(
        f"LaunchDarkly SDK, file source {how}, {PROCESSES} processes, {len(peer.latencies)} flips on this "
        f"disk: {peer.stale} stale answers; switch to last process obeying p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms, max {last:.0f} ms; p50 {p50 / ours.percentile(50):.0f}x ours. "
        f"Its file deleted: {peer.still_on} of {PROCESSES} still answered `on` 3 s later"
    )


@dataclass(frozen=True)
class Flips:
    """`stale` answers were `on` although they began after the switch was durable. Latencies in ms."""

    latencies: tuple[float, ...]
    stale: int
    still_on: int

    def percentile(self, percent: float) -> float:
        """Nearest rank."""
        ordered = sorted(self.latencies)
        return ordered[max(0, round(percent / 100 * len(ordered)) - 1)]


# Cells of the shared block: when the flag was switched off (0: it is on), the end, three for each worker.
OFF_SINCE, END, FIRST = 0, 1, 2
STALE, IS_ON, OBEYED = 0, 1, 2


def flips(path: Path, polling: bool) -> Flips:
    """Switch a flag off in its file, and wait until each of the processes that read it says off."""
    context = multiprocessing.get_context("fork")
    cells = context.RawArray("q", FIRST + 3 * PROCESSES)
    put(path, True)
    workers = [
        context.Process(target=ask, args=(path, polling, cells, worker), daemon=True)
        for worker in range(PROCESSES)
    ]
    for process in workers:
        process.start()
    latencies = []
    try:
        for number in range(FLIPS):
            put(path, True)
            wait_for(lambda: all(column(cells, IS_ON)))
            time.sleep(0.125 * (number % 8))  # at no fixed point of the polling
            begin = time.monotonic_ns()
            put(path, False)
            cells[OFF_SINCE] = time.monotonic_ns()
            wait_for(lambda: not any(column(cells, IS_ON)))
            latencies.append((max(column(cells, OBEYED)) - begin) / 1e6)
            cells[OFF_SINCE] = 0
        stale = sum(column(cells, STALE))
        put(path, True)
        wait_for(lambda: all(column(cells, IS_ON)))
        path.unlink()
        time.sleep(3 * POLL_SECONDS)
        still_on = sum(column(cells, IS_ON))
    finally:
        cells[END] = 1
        for process in workers:
            process.join(10)
    return Flips(tuple(latencies), stale, still_on)


def put(path: Path, on: bool) -> None:
    """Replace the file as a careful publisher would: durable before it is seen."""
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        json.dump({"flagValues": {"ai": on}}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def ask(path: Path, polling: bool, cells: Any, worker: int) -> None:
    """Ask the client for the flag, over and over."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # it prints a traceback for each look at a missing file
    # Imported here: the client starts threads, and must not be carried into a fork.
    from ldclient import Config, Context, LDClient
    from ldclient.integrations import Files

    source = Files.new_data_source(
        [str(path)], auto_update=True, poll_interval=POLL_SECONDS, force_polling=polling
    )
    client = LDClient(Config("bench", update_processor_class=source, send_events=False), start_wait=5)
    somebody = Context.create("bench")
    stale, is_on, obeyed = (FIRST + 3 * worker + cell for cell in range(3))
    while not cells[END]:
        since = cells[OFF_SINCE]
        on = bool(client.variation("ai", somebody, False))
        if on and since and cells[OFF_SINCE] == since:
            cells[stale] += 1
        elif not on and cells[is_on]:
            cells[obeyed] = time.monotonic_ns()
        cells[is_on] = on
        time.sleep(0.0002)
    client.close()  # type: ignore[no-untyped-call]


def column(cells: Any, cell: int) -> list[int]:
    """One cell of every worker."""
    return [cells[FIRST + 3 * worker + cell] for worker in range(PROCESSES)]


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "a client does not follow its file"
        time.sleep(0.0005)
