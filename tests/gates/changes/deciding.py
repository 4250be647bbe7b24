"""Processes that decide in a loop while somebody kills and releases: is any decision late?

All share one block of integers. The killer writes when a kill has *returned*; a worker looks before
and after each decision, so a decision that began after a kill returned, and ended before the release
began, is known as such. What the scheduler does between two looks cannot make a false alarm.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.decision import Admitted, Job, decide
from gates.home import Home
from gates.kill import stop
from tests.gates.decision.builders import controls, job

# Cells of the shared block, 8 bytes each; four more for every worker.
RETURNED, CALLED, END, FIRST = 0, 1, 2, 3
STALE, DECIDED, ADMITTED, OBEYED = 0, 1, 2, 3


@dataclass(frozen=True)
class Outcome:
    """`stale` decisions began after a kill returned and were not STUB. Latencies in nanoseconds."""

    kills: int
    stale: int
    decisions: int
    admitted: int
    latencies: tuple[int, ...]

    def percentile(self, percent: float) -> float:
        """Nearest rank, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[max(0, round(percent / 100 * len(ordered)) - 1)] / 1e6


def kills_and_releases(home: Home, kills: int, processes: int) -> Outcome:
    """Kill and release `kills` times while `processes` decide; every one of them is waited for each time."""
    publisher = Publisher(home, time.time_ns)
    publisher.publish(controls(revision=1))
    latencies = []
    with workers(home, processes) as cells:
        for number in range(kills):
            admitted = [cells[at(worker, ADMITTED)] for worker in range(processes)]
            _wait(partial(_moved, cells, ADMITTED, [count + 1 for count in admitted]))
            called = time.monotonic_ns()
            cells[CALLED] = called
            stopped = stop(home, publisher=publisher)
            cells[RETURNED] = time.monotonic_ns()
            assert stopped.killed, number
            assert stopped.revision is not None
            _wait(partial(_moved, cells, OBEYED, [called] * processes))
            latencies.append(max(cells[at(w, OBEYED)] for w in range(processes)) - called)
            cells[RETURNED] = cells[CALLED] = 0
            publisher.publish(controls(revision=stopped.revision + 1))
        total = [sum(cells[at(w, cell)] for w in range(processes)) for cell in (STALE, DECIDED, ADMITTED)]
    return Outcome(kills, total[0], total[1], total[2], tuple(latencies))


def at(worker: int, cell: int) -> int:
    """Where a worker's cell lies."""
    return FIRST + 4 * worker + cell


@contextmanager
def workers(home: Home, processes: int, own: Job | None = None) -> Iterator[Any]:
    """Processes that decide about `own`, by default the job that `builders.controls` admits."""
    context = multiprocessing.get_context("fork")
    cells = context.RawArray("q", FIRST + 4 * processes)
    started = [
        context.Process(target=_decide, args=(home.control_file, cells, worker, own or job()), daemon=True)
        for worker in range(processes)
    ]
    try:
        for process in started:
            process.start()
        yield cells
    finally:
        cells[END] = 1
        for process in started:
            process.join(10)


def _decide(path: Path, cells: Any, worker: int, own: Job) -> None:
    source = ControlFile(path)
    stale, decided, admitted, obeyed = (at(worker, cell) for cell in (STALE, DECIDED, ADMITTED, OBEYED))
    while not cells[END]:
        returned, called = cells[RETURNED], cells[CALLED]
        decision = decide(source.current(), own)
        cells[decided] += 1
        if isinstance(decision, Admitted):
            cells[admitted] += 1
            if returned and cells[RETURNED] == returned:
                cells[stale] += 1
        elif called and cells[CALLED] == called and cells[obeyed] < called:
            cells[obeyed] = time.monotonic_ns()
        time.sleep(0.0002)


def _moved(cells: Any, cell: int, least: list[int]) -> bool:
    return all(cells[at(worker, cell)] >= bound for worker, bound in enumerate(least))


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "a worker does not move"
        time.sleep(0.0001)
