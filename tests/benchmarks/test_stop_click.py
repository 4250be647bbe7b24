"""From a click on the stop button in a real page to the first decision of an executor that obeys.

Beside it the plain Streamlit app, whose button publishes the same kill from its script. An executor decides
in a loop, about 0.2 ms apart. The click is the browser's own time of the mouse event; ours is the second of
the two, that of confirming.
"""

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.decision import Job, Slot
from tests.benchmarks.dashboards.clicks import Executor, confirm_a_stop, page_of, plain_stop, told
from tests.benchmarks.dashboards.homes import release
from tests.benchmarks.dashboards.processes import Ranks, load
from tests.benchmarks.dashboards.readers import readers_of
from tests.benchmarks.dashboards.scenes import (
    Scene,
    answering,
    busy,
    ours,
    plain,
    readers_of_ours,
    scene_in,
)
from tests.browser.chromium import chromium
from tests.gates.changes.deciding import workers
from tests.gates.decision.builders import controls

CLICKS, CLICKS_IN_QUERIES, RESTARTS = 20, 8, 4
PLAIN_CLICKS, PLAIN_IN_QUERIES, PLAIN_RESTARTS = 10, 4, 2
SESSIONS = 50
PATIENCE_S = 60.0
QUERY_S = 30.0
# Admitted by the first step of the ladder at 5 %.
OWN = Job("J82", "Biology", "GCSE", "AQA", "2016", allow_ai=True, slots=(Slot("summary", "explanatory"),))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    made = scene_in(tmp_path_factory.mktemp("stop"))
    Publisher(made.plain_home, time.time_ns).publish(controls(revision=1))
    return made


@pytest.fixture(scope="module")
def executors(scene: Scene) -> Iterator[tuple[Executor, Executor]]:
    """Ours and the peer's; forked before the browser is started."""
    with workers(scene.here.home, 1, OWN) as mine, workers(scene.plain_home, 1) as theirs:
        yield Executor(scene.here.home, mine), Executor(scene.plain_home, theirs)


@pytest.fixture(scope="module")
def browser(executors: tuple[Executor, Executor]) -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.timeout(1800)
def test_while_nobody_else_looks(
    scene: Scene, executors: tuple[Executor, Executor], browser: Browser
) -> None:
    mine, theirs = executors
    with ours(scene) as served, page_of(browser, served.url, scene.here.tokens["carol"]) as page:
        found = stops(mine, page, CLICKS)
    with plain(scene) as served, page_of(browser, served.url) as page:
        show("idle", found, plain_stops(theirs, page, PLAIN_CLICKS))


@pytest.mark.timeout(1800)
def test_during_a_query_of_half_a_minute_in_the_same_session(
    scene: Scene, executors: tuple[Executor, Executor], browser: Browser
) -> None:
    mine, theirs = executors
    found: list[float] = []
    with busy(scene) as served, page_of(browser, served.url, scene.here.tokens["carol"]) as page:
        while len(found) < CLICKS_IN_QUERIES:
            until = until_a_query_runs(page)
            while time.monotonic() < until and len(found) < CLICKS_IN_QUERIES:
                found += stops(mine, page, 1)
            page.goto("about:blank")
            time.sleep(max(0.0, until - time.monotonic()))
            page.goto(served.url)
    late = []
    with plain(scene) as served, page_of(browser, served.url, query="/?slow=1") as page:
        for _ in range(PLAIN_IN_QUERIES):
            until_a_query_runs(page)
            late += plain_stops(theirs, page, 1)
            page.reload()
    show("during a 30 s query in the same session", found, late)


@pytest.mark.timeout(1800)
def test_while_fifty_sessions_refresh(
    scene: Scene, executors: tuple[Executor, Executor], browser: Browser
) -> None:
    mine, theirs = executors
    with ours(scene) as served, readers_of_ours(scene, served) as readers:
        readers.come(SESSIONS, over_s=10)
        with page_of(browser, served.url, scene.here.tokens["carol"]) as page:
            found = stops(mine, page, CLICKS // 2)
    with plain(scene) as served, readers_of(served.url) as readers:
        readers.come(SESSIONS, over_s=10)
        with page_of(browser, served.url) as page:
            late = plain_stops(theirs, page, PLAIN_CLICKS // 2)
    show(f"while {SESSIONS} sessions refresh", found, late)


@pytest.mark.timeout(1800)
def test_right_after_a_restart(scene: Scene, executors: tuple[Executor, Executor], browser: Browser) -> None:
    """The page stays open; the click comes as soon as the server answers anything."""
    mine, theirs = executors
    found, late = [], []
    with ExitStack() as stack:
        served = stack.enter_context(ours(scene))
        page = stack.enter_context(page_of(browser, served.url, scene.here.tokens["carol"]))
        page.locator(".sg-totals").wait_for()
        for _ in range(RESTARTS):
            armed = confirm_a_stop(page)
            served.process.kill()
            served.process.wait()
            served = stack.enter_context(answering(scene, served.port))
            found.append(mine.obeyed_ms(armed, PATIENCE_S))
            release(mine.home)
    with ExitStack() as stack:
        served = stack.enter_context(plain(scene))
        page = stack.enter_context(page_of(browser, served.url))
        for _ in range(PLAIN_RESTARTS):
            page.get_by_test_id("stMetric").first.wait_for()
            served.process.kill()
            served.process.wait()
            served = stack.enter_context(plain(scene, served.port))
            late += plain_stops(theirs, page, 1)
    show("right after a restart of the server", found, late)


def stops(executor: Executor, page: Page, count: int) -> list[float]:
    """Stop and release so many times."""
    found = []
    for _ in range(count):
        found.append(executor.obeyed_ms(confirm_a_stop(page), PATIENCE_S))
        assert math.isfinite(found[-1]), "a stop had no effect"
        release(executor.home)
    return found


def plain_stops(executor: Executor, page: Page, count: int) -> list[float]:
    found = []
    for _ in range(count):
        found.append(executor.obeyed_ms(plain_stop(page), PATIENCE_S))
        revision = ControlFile(executor.home.control_file).current().revision or 0
        Publisher(executor.home, time.time_ns).publish(controls(revision=revision + 1))
    return found


def until_a_query_runs(page: Page) -> float:
    """Up to when, on the monotonic clock, it is sure to run on."""
    page.get_by_text("the query begins").wait_for()
    return time.monotonic() + QUERY_S - 5


def show(what: str, found: list[float], late: list[float]) -> None:
    mine, theirs = Ranks(tuple(found)), Ranks(tuple(late))
    ratio = theirs.at(50) / mine.at(50)
    print(
        f"\nstop, {what}: {ratio:,.1f} times as fast as the plain app: {told(mine)}; "
        f"plain: {told(theirs)}; {load()}"
    )
