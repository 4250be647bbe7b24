"""The demo while it runs: one thread keeps jobs coming, another lets people act on what they see."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import assert_never

from dashboard.beta.of_home import HomeBeta
from dashboard.demo.director import Director
from dashboard.demo.executors import Executors
from dashboard.demo.jobs import Jobs
from dashboard.demo.node import Node
from dashboard.demo.office import Office
from dashboard.demo.openai_stub import Behaviour, StubServer
from dashboard.demo.story import Trouble
from dashboard.review.provider import TelemetryEvidence
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.spool import PassWhenFree
from gates.home import Home
from gates.store.store import Store
from ingest.store import TelemetryStore

JOBS_A_SECOND = 1.2
NORMAL: Mapping[str, float] = {"ok": 993, "503": 4, "prose": 2, "reset": 1}
MEDIAN_S, SIGMA, SLOWER = 1.2, 0.4, 10.0


def behaviour(trouble: Trouble, seed: int) -> Behaviour:
    """How the stub server answers under `trouble`."""
    match trouble:
        case Trouble.UPSTREAM_5XX:
            return Behaviour(scenarios={"503": 62, "ok": 38}, median_s=MEDIAN_S * 0.5, sigma=SIGMA, seed=seed)
        case Trouble.GATEWAY_HTML:
            return Behaviour(
                scenarios={"html": 50, "ok": 50}, median_s=MEDIAN_S * 0.7, sigma=SIGMA, seed=seed
            )
        case Trouble.SLOW:
            return Behaviour(scenarios=NORMAL, median_s=MEDIAN_S * SLOWER, sigma=SIGMA, seed=seed)
        case Trouble.NONE | Trouble.MISSING_KEY | Trouble.CUT_LINES | Trouble.SILENCE:
            return Behaviour(scenarios=NORMAL, median_s=MEDIAN_S, sigma=SIGMA, seed=seed)
        case _:
            assert_never(trouble)


@contextmanager
def live(
    home: Home,
    telemetry: TelemetryStore,
    server: StubServer,
    environ: Mapping[str, str],
    node: Node | None,
    say: Callable[[str], None],
) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """The live part on a home whose telemetry is open: what begins it, what ends its use of that.

    With a `node`, some jobs are those of a Node script under `slotgate exec`.

    It ends with the block at the latest; then every process that was started is gone.
    """
    stop, seed = Event(), time.time_ns()
    with ExitStack() as held:
        store = Store.open(home.store)
        held.callback(store.close)
        executors = Executors(home, environ, server.base_url, node, say)
        held.callback(executors.stop)
        evidence = TelemetryEvidence(
            StoreTelemetry(home, telemetry, PassWhenFree(home, telemetry)),
            HomeBeta(home, store).permits_steady,
        )
        director = Director(Office(home, store, time.time_ns, evidence), time.time_ns, say)
        threads = [
            Thread(target=_direct, args=(director, stop), name="director", daemon=True),
            Thread(target=_work, args=(director, executors, server, seed, stop), name="jobs", daemon=True),
        ]
        held.callback(_end, threads, stop)

        def part() -> None:
            _end(threads, stop)

        def begin() -> None:
            for thread in threads:
                thread.start()

        yield begin, part


def _direct(director: Director, stop: Event) -> None:
    for pause_s in director.script():
        if stop.wait(pause_s):
            return


def _work(director: Director, executors: Executors, server: StubServer, seed: int, stop: Event) -> None:
    """Start one job after the other."""
    dice, jobs = random.Random(seed), Jobs(f"live/{seed}")  # noqa: S311 - a script, not a secret
    trouble: Trouble | None = None
    while not stop.wait(dice.expovariate(JOBS_A_SECOND)):
        if director.trouble is not trouble:
            trouble = director.trouble
            server.behave(behaviour(trouble, dice.randrange(2**32)))
        if not executors.busy:
            executors.run(jobs.spec(time.time_ns()), dice.randrange(executors.places), trouble)


def _end(threads: list[Thread], stop: Event) -> None:
    stop.set()
    for thread in threads:
        if thread.is_alive():
            thread.join()
