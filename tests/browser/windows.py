"""Windows of people: cookies, storage, permissions and tabs belong to one test, what is compiled stays warm.

A new context has to compile all of Streamlit again: a third of the cost of its first page. So contexts
are kept: emptied after a test, and given to the next one, which opens tabs of its own.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import DESK, PATIENCE_MS, Heard
from tests.dashboard.server.processes import free_port

WARM = ("--process-per-site", "--js-flags=--no-opt --no-maglev --no-flush-bytecode --min-semi-space-size=32")
"""All tabs of a context share a process, which keeps what it compiled; no page lives long enough for more."""
_SITE = "http://127.0.0.1/"
_Size = tuple[int, int]
_free: WeakKeyDictionary[Browser, dict[_Size, list[tuple[BrowserContext, Page]]]] = WeakKeyDictionary()
_usual: list[int] = []


@contextmanager
def window(browser: Browser, size: _Size = DESK) -> Iterator[BrowserContext]:
    """One without tabs, cookies, storage or permissions; after a test that failed it is not used again."""
    free = _free.setdefault(browser, {}).setdefault(size, [])
    context, parked = free.pop() if free else _made(browser, size)
    try:
        yield context
        _empty(context, parked)
    except BaseException:
        context.close()
        raise
    free.append((context, parked))


@contextmanager
def opened(browser: Browser, url: str, size: _Size = DESK) -> Iterator[tuple[Page, Heard]]:
    """`url` in a window of its own, once its figures are there."""
    with window(browser, size) as context:
        page, heard = context.new_page(), Heard(url.split("?")[0].rstrip("/"))
        heard.listen(page)
        page.goto(url)
        page.locator(".sg-totals, .sg-empty").first.wait_for()
        yield page, heard


def usual_port() -> int:
    """The first free one of those that servers here have had: what is compiled is found by its address."""
    for port in _usual:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            probe.bind(("127.0.0.1", port))
            return port
    _usual.append(free_port())
    return _usual[-1]


def _made(browser: Browser, size: _Size) -> tuple[BrowserContext, Page]:
    """A context, and its tab with nothing on it that keeps the process of our site alive."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, timezone_id="Europe/London")
    context.set_default_timeout(PATIENCE_MS)
    parked = context.new_page()
    parked.route(_SITE, lambda route: route.fulfill(body=""))
    parked.goto(_SITE)
    parked.unroute(_SITE)
    return context, parked


def _empty(context: BrowserContext, parked: Page) -> None:
    for page in context.pages:
        if page is not parked:
            page.close()
    context.clear_cookies()
    context.clear_permissions()
    chromium = context.new_cdp_session(parked)
    chromium.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    chromium.detach()
