"""The dashboard beside a plain Streamlit app that runs the same queries in every rerun.

The peer is `tests.benchmarks.dashboards.plain_app`: it shows less and loads nothing. Both run on this
machine in turn, over a day of 50,000 lines; into ours 4 lines a second go on coming.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import pytest
from playwright.sync_api import Browser

from dashboard.views.pages import PAGES
from tests.benchmarks.dashboards.paint import OURS, PLAIN, Paint, busy_ms_a_refresh, middle, noted, painted
from tests.benchmarks.dashboards.processes import Ranks, cpu_seconds, load, resident_mib
from tests.benchmarks.dashboards.readers import Readers, readers_of
from tests.benchmarks.dashboards.scenes import Scene, ours, plain, readers_of_ours, scene_in
from tests.browser.chromium import chromium
from tests.browser.scene import signed_in
from tests.dashboard.server.processes import Served

PAINTS = 5
WATCHED_S = 10.0
SESSIONS = (1, 10, 25, 50)
REFRESH_S = 2.0


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene_in(tmp_path_factory.mktemp("dashboard"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.timeout(900)
def test_first_useful_paint(scene: Scene, browser: Browser) -> None:
    with ExitStack() as stack:
        mine = stack.enter_context(ours(scene))
        theirs = stack.enter_context(plain(scene))
        paints: dict[tuple[str, str], list[Paint]] = {}
        busy: dict[str, list[float]] = {"ours": [], "plain": []}
        for number in range(PAINTS):
            for who, served, wanted in (("ours", mine, OURS), ("plain", theirs, PLAIN)):
                with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
                    context.set_default_timeout(60_000)
                    if who == "ours":
                        signed_in(context, served.url, scene.here.tokens["alice"])
                    page = noted(context, wanted)
                    for visit in ("first visit", "again"):
                        paints.setdefault((who, visit), []).append(painted(page, served.url))
                    if number < 2:
                        page.wait_for_timeout(2 * REFRESH_S * 1e3)
                        busy[who].append(busy_ms_a_refresh(page, WATCHED_S))
    for visit in ("first visit", "again"):
        one, other = middle(paints["ours", visit]), middle(paints["plain", visit])
        print(
            f"\nfirst useful paint, {visit}: {one.useful / other.useful:.2f} of a plain app: state of the "
            f"controls {one.state:,.0f} ms, totals too {one.useful:,.0f} ms (plain {other.useful:,.0f} ms), "
            f"all charts {one.charts:,.0f} ms (plain {other.charts:,.0f} ms); medians of {PAINTS}; {load()}"
        )
    mean = {who: median(found) for who, found in busy.items()}
    print(
        f"the browser's main thread in a refresh: {mean['ours'] / mean['plain']:.2f} of a plain app: "
        f"{mean['ours']:,.0f} ms, plain {mean['plain']:,.0f} ms"
    )


@pytest.mark.timeout(900)
def test_a_refresh_of_each_page(scene: Scene) -> None:
    with plain(scene) as served, readers_of(served.url) as readers:
        peer = cost(served, readers, "", idle_s=0)
    print(f"\nplain app: {peer.told()}; {load()}")
    with ours(scene) as served, readers_of_ours(scene, served) as readers:
        idle = idle_share(served)
        print(f"with nobody looking, loading and judging take {idle:.0%} of a core")
        for entry in PAGES:
            one = cost(served, readers, entry.path, idle_s=idle)
            print(f"{entry.title}: {one.cpu_ms / peer.cpu_ms:.2f} of the plain app's CPU; {one.told()}")
        print(load())


@dataclass(frozen=True)
class Cost:
    """Of one refresh with one reader: CPU of the server beside its own work, wall time, bytes sent."""

    cpu_ms: float
    opened_ms: float
    lags: Ranks
    kib: float

    def told(self) -> str:
        return (
            f"opened in {self.opened_ms:,.0f} ms; a refresh costs {self.cpu_ms:,.0f} ms of CPU, takes "
            f"p50 {self.lags.at(50):,.0f} ms, max {self.lags.at(100):,.0f} ms, sends {self.kib:,.0f} KiB"
        )


def cost(served: Served, readers: Readers, path: str, idle_s: float) -> Cost:
    readers.come(1, path)
    readers.watched(REFRESH_S)
    pid = served.process.pid
    before = cpu_seconds(pid)
    (seen,) = readers.watched(WATCHED_S)
    used = cpu_seconds(pid) - before - idle_s * WATCHED_S
    readers.leave()
    return Cost(
        cpu_ms=used * 1e3 * REFRESH_S / WATCHED_S,
        opened_ms=seen.opened,
        lags=Ranks(tuple(seen.lags)),
        kib=seen.bytes / 1024 / max(1, len(seen.lags)),
    )


def idle_share(served: Served) -> float:
    """CPU seconds a second while nobody looks."""
    before = cpu_seconds(served.process.pid)
    time.sleep(WATCHED_S)
    return (cpu_seconds(served.process.pid) - before) / WATCHED_S


@pytest.mark.timeout(1800)
def test_many_sessions(scene: Scene) -> None:
    with ours(scene) as served, readers_of_ours(scene, served) as readers:
        mine = crowd(served, readers)
    with plain(scene) as served, readers_of(served.url) as readers:
        theirs = crowd(served, readers)
    print()
    for one, other in zip(mine, theirs, strict=True):
        print(
            f"{one.sessions} sessions: CPU {one.share / other.share:.2f} of a plain app's for "
            f"{one.done / max(1, other.done):.1f} times its refreshes"
        )
        print(f"    ours  {one.told()}\n    plain {other.told()}")
    for who, found in (("ours", mine), ("plain", theirs)):
        slope = (found[-1].mib - found[0].mib) / (found[-1].sessions - found[0].sessions)
        print(f"memory, {who}: {found[0].mib:,.0f} MiB with one session, {slope:.2f} MiB for each further")
    print(load())


@dataclass(frozen=True)
class Crowd:
    """So many sessions at once: CPU seconds a second, refreshes done and left out, lag, memory."""

    sessions: int
    share: float
    done: int
    missed: int
    lags: Ranks
    mib: float

    def told(self) -> str:
        late = self.missed / max(1, self.done + self.missed)
        return (
            f"CPU {self.share:.0%} of a core, lag of a refresh {self.lags}, {late:.0%} of the refreshes "
            f"left out, {self.mib:,.0f} MiB"
        )


def crowd(served: Served, readers: Readers) -> list[Crowd]:
    found, pid = [], served.process.pid
    for sessions in SESSIONS:
        readers.come(sessions - len(readers.seen), over_s=4)
        readers.watched(2 * REFRESH_S)
        before = cpu_seconds(pid)
        seen = readers.watched(WATCHED_S)
        share = (cpu_seconds(pid) - before) / WATCHED_S
        lags = Ranks(tuple(lag for one in seen for lag in one.lags))
        missed = sum(one.missed for one in seen)
        found.append(Crowd(sessions, share, len(lags.values), missed, lags, resident_mib(pid)))
    return found
