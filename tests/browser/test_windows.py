"""A window is used again, and nothing of who had it before is in it."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE
from tests.browser.windows import window

pytestmark = pytest.mark.browser
HERE = "http://127.0.0.1:9/"
LEAVES = """async () => {
  localStorage.said = sessionStorage.said = "something"
  document.cookie = "said=something"
  await new Promise(done => { indexedDB.open("said").onsuccess = done })
}"""
FINDS = """async () => [
  localStorage.said ?? null, sessionStorage.said ?? null, document.cookie,
  (await indexedDB.databases()).length,
  (await navigator.permissions.query({ name: "clipboard-read" })).state,
]"""
NOTHING = [None, None, "", 0, "prompt"]


def test_a_window_that_is_used_again_is_empty(browser: Browser) -> None:
    with window(browser, PHONE) as first:
        page = _opened(first.new_page())
        assert page.evaluate(FINDS) == NOTHING
        first.grant_permissions(["clipboard-read"])
        page.evaluate(LEAVES)
        assert page.evaluate(FINDS) == ["something", "something", "said=something", 1, "granted"]
        page.emulate_media(color_scheme="dark")
    with window(browser, PHONE) as again:
        assert again is first
        page = _opened(again.new_page())
        assert page.evaluate(FINDS) == NOTHING
        assert page.evaluate("[innerWidth, innerHeight]") == list(PHONE)
        assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
        with window(browser, PHONE) as somebody_elses:
            assert somebody_elses is not again


def test_a_window_that_failed_is_not_used_again(browser: Browser) -> None:
    with pytest.raises(RuntimeError), window(browser, PHONE) as first:
        raise RuntimeError
    with window(browser, PHONE) as second:
        assert second is not first
        assert first not in browser.contexts


def _opened(page: Page) -> Page:
    page.route(HERE, lambda route: route.fulfill(body="<p>here</p>", content_type="text/html"))
    page.goto(HERE)
    return page
