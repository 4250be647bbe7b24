"""From a click on a stop button in a page to the first decision of an executor that obeys."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from gates.controls.reader import ControlFile
from gates.home import Home
from tests.benchmarks.dashboards.processes import Ranks
from tests.gates.changes.deciding import CALLED, OBEYED, at

DELIBERATE_MS = 450
# What the browser stamps on the event itself: when the mouse was pressed, not when the page came to it.
NOTE_CLICKS = """addEventListener('click', event => {
    window.clickedAt = performance.timeOrigin + event.timeStamp;
}, true)"""
STOP, CONFIRM = "Stop all AI calls", "Confirm stop"


@dataclass(frozen=True)
class Executor:
    """A process that decides in a loop by the file of `home`; `cells` are those of `deciding`."""

    home: Home
    cells: Any

    def obeyed_ms(self, click: Callable[[], float], patience_s: float) -> float:
        """From the click, epoch milliseconds, to the first decision that obeys; infinite where none does."""
        assert not ControlFile(self.home.control_file).current().killed
        begin = time.monotonic_ns()
        self.cells[CALLED] = begin
        try:
            clicked_ms = click()
            deadline = time.monotonic() + patience_s
            while self.cells[at(0, OBEYED)] < begin:
                if time.monotonic() > deadline:
                    return float("inf")
                time.sleep(0.001)
            since_epoch = time.time_ns() - time.monotonic_ns()
            return (int(self.cells[at(0, OBEYED)]) + since_epoch) / 1e6 - clicked_ms
        finally:
            self.cells[CALLED] = 0


@contextmanager
def page_of(browser: Browser, url: str, token: str | None = None, query: str = "") -> Iterator[Page]:
    """A page in a window of its own that notes its clicks; signed in where there is a token."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="Europe/London")
    context.set_default_timeout(90_000)
    try:
        if token is not None:
            headers = {"X-Slotgate-Request": "1", "Origin": url, "Content-Type": "application/json"}
            answer = context.request.post(f"{url}/api/v1/sign-in", headers=headers, data={"token": token})
            assert answer.status == 200, answer.text()
        page = context.new_page()
        page.add_init_script(NOTE_CLICKS)
        page.goto(url + query)
        yield page
    finally:
        context.close()


def confirm_a_stop(page: Page) -> Callable[[], float]:
    """The first of our two clicks is made; what is returned makes the second.

    What comes right after an answer of the server is taken for a double click, so it is waited a little.
    """
    page.get_by_role("button", name=STOP).wait_for()
    page.wait_for_timeout(DELIBERATE_MS)
    page.get_by_role("button", name=STOP).click()
    page.wait_for_timeout(DELIBERATE_MS)
    return lambda: _click(page, CONFIRM)


def plain_stop(page: Page) -> Callable[[], float]:
    """The peer's one click."""
    page.get_by_role("button", name=STOP).wait_for()
    return lambda: _click(page, STOP)


def _click(page: Page, name: str) -> float:
    page.evaluate("window.clickedAt = 0")
    page.get_by_role("button", name=name).click(no_wait_after=True)
    return float(page.evaluate("window.clickedAt"))


def told(ranks: Ranks) -> str:
    """Infinite where a click had no effect."""
    never = sum(value == float("inf") for value in ranks.values)
    lost = f", {never} of {len(ranks.values)} clicks had no effect" if never else ""
    return f"{len(ranks.values)} clicks, p50 {ranks.at(50):,.0f} ms, max {ranks.at(100):,.0f} ms{lost}"
