"""The demo while it runs: jobs keep coming, the controls change now and then, things go wrong."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from typing import assert_never

from dashboard.demo.deeds import Deed
from dashboard.demo.executors import Executors
from dashboard.demo.home import expect_kill, expected_kill
from dashboard.demo.jobs import Jobs
from dashboard.demo.office import Office
from dashboard.demo.openai_stub import Behaviour, StubServer
from dashboard.demo.story import LIVE_CHANGES, LIVE_EPISODES, LIVE_SECONDS, Trouble, trouble_at
from dashboard.errors import StoryBlocked
from gates.changes.ports import NoEvidence
from gates.errors import GateError
from gates.home import Home
from gates.store.store import Store

JOBS_A_SECOND = 1.2
NORMAL: Mapping[str, float] = {"ok": 993, "503": 4, "prose": 2, "reset": 1}
MEDIAN_S, SIGMA = 1.5, 0.4


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
            return Behaviour(scenarios=NORMAL, median_s=MEDIAN_S * 3.2, sigma=SIGMA, seed=seed)
        case Trouble.NONE | Trouble.MISSING_KEY | Trouble.CUT_LINES | Trouble.SILENCE:
            return Behaviour(scenarios=NORMAL, median_s=MEDIAN_S, sigma=SIGMA, seed=seed)
        case _:
            assert_never(trouble)


class Live:
    """Plays the live part of the story in a thread, over and over."""

    def __init__(
        self, home: Home, server: StubServer, environ: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self._home = home
        self._say = say
        self._overruled = False
        self._server = server
        self._executors = Executors(home, environ, server.base_url)
        self._store = Store.open(home.store)
        self._office = Office(home, self._store, time.time_ns, NoEvidence(), lambda n: expect_kill(home, n))
        self._seed = time.time_ns()
        self._dice = random.Random(self._seed)  # noqa: S311 - a script, not a secret
        self._jobs = Jobs(f"live/{self._seed}")
        self._stop = Event()
        self._thread = Thread(target=self._play, name="live", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, with every process that was started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._executors.stop()
        self._store.close()

    def _play(self) -> None:
        began, turn = time.monotonic(), 0
        changes, trouble = list(LIVE_CHANGES), None
        while not self._stop.wait(self._dice.expovariate(JOBS_A_SECOND)):
            at_s = time.monotonic() - began - turn * LIVE_SECONDS
            if at_s >= LIVE_SECONDS:
                turn, changes = turn + 1, list(LIVE_CHANGES)
                continue
            while changes and changes[0].at_s <= at_s:
                self._do(changes.pop(0).deed)
            now = trouble_at(LIVE_EPISODES, at_s)
            if now is not trouble:
                trouble = now
                self._server.behave(behaviour(now, self._seed + int(at_s)))
            if not self._executors.busy:
                self._executors.run(self._jobs.spec(time.time_ns()), self._dice.randrange(3), now)

    def _do(self, deed: Deed) -> None:
        """Play the deed, unless somebody else changed the controls: whoever kills sees it stay killed."""
        try:
            for pause_s in self._steps(deed):
                self._stop.wait(pause_s)
        except (GateError, StoryBlocked) as error:
            self._say(f"the demo's people could not do it: {error}")

    def _steps(self, deed: Deed) -> Iterator[float]:
        if self._overruled:
            return
        self._overruled = not self._office.made_the_newest(expected_kill(self._home))
        if self._overruled:
            self._say(
                "the controls were changed by somebody else; the demo leaves them as they are from now on"
            )
            return
        yield from self._office.play(deed)
