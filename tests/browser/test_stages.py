"""Stages, and the panels of the Overview, as a person sees them: what stays open, what fits a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import windows
from tests.browser.chromium import DESK, PHONE, kept
from tests.browser.scene import signed_in
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served

pytestmark = pytest.mark.browser
SIDEWAYS = "box => box.scrollWidth <= box.clientWidth"


@pytest.fixture(scope="module")
def window(browser: Browser, scene: tuple[Town, Served]) -> Iterator[Page]:
    """Alice's, for all tests: a new one for each costs half as much again."""
    people, served = scene
    with windows.window(browser) as context:
        signed_in(context, served.url, people.tokens["alice"])
        yield context.new_page()


def opened(window: Page, scene: tuple[Town, Served], path: str, size: tuple[int, int] = DESK) -> Page:
    window.set_viewport_size({"width": size[0], "height": size[1]})
    window.goto(scene[1].url + path)
    window.locator(".sg-verdict").wait_for()
    return window


def refreshed(page: Page) -> None:
    """Wait until the part that refreshes has come anew."""
    seen = page.locator(".sg-freshness").text_content()
    page.wait_for_function("was => document.querySelector('.sg-freshness').textContent !== was", arg=seen)


def test_why_stays_open_while_everything_around_it_refreshes(
    window: Page, scene: tuple[Town, Served]
) -> None:
    page = opened(window, scene, "/overview")
    panel = page.locator(".sg-why-panel")
    expect(panel).to_be_hidden()
    page.get_by_text("Why, and what would change it").click()
    expect(panel).to_be_visible()
    for _ in range(2):
        refreshed(page)
        expect(panel).to_be_visible()
    expect(panel).to_contain_text("What would change it")
    kept(page, "overview-why-desk-light")


def test_what_changed_leads_to_where_it_is_looked_at(window: Page, scene: tuple[Town, Served]) -> None:
    page = opened(window, scene, "/overview")
    proposed = page.locator(".sg-lately li", has_text="alice proposed request 1")
    page.locator(".sg-lately").first.wait_for()
    if proposed.count() == 0:
        page.get_by_text("Everything of the last hour").click()
    expect(proposed).to_contain_text("percent 5 → 10")
    expect(proposed.get_by_role("link", name="Review")).to_have_attribute("href", "/review?request=1")
    assert page.locator("img[src=x]").count() == 0, "a reason came alive"


def test_a_stay_opens_from_its_row_and_the_address_keeps_it(window: Page, scene: tuple[Town, Served]) -> None:
    page = opened(window, scene, "/stages")
    page.locator(".sg-stays").get_by_role("link", name="canary-5", exact=True).click()
    expect(page).to_have_url(f"{scene[1].url}/stages?step=canary-5%402")
    expect(page.get_by_role("heading", name="canary-5, revision 2")).to_be_visible()
    refreshed(page)
    expect(page.get_by_role("heading", name="canary-5, revision 2")).to_be_visible()
    page.locator(".st-key-stages-with").get_by_role("combobox").click()
    page.get_by_role("option", name="baseline").click()
    expect(page.locator(".sg-caveat")).to_contain_text("not an experiment")
    assert page.locator("img[src=x]").count() == 0, "an errorCode came alive"
    kept(page, "stages-compared-desk-light")


@pytest.mark.parametrize("path", ["/stages", "/stages?step=canary-5", "/overview"])
def test_a_phone_scrolls_no_page_sideways(window: Page, scene: tuple[Town, Served], path: str) -> None:
    page = opened(window, scene, path, PHONE)
    page.locator(".sg-stays, .sg-totals").first.wait_for()
    refreshed(page)
    assert page.locator("[data-testid=stMain]").evaluate(SIDEWAYS)
    kept(page, f"{path.strip('/').replace('?step=', '-')}-phone-light")
