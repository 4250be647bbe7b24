"""Review & sign-off as an approver uses it: what only a browser shows."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.cli.guarded import service_of
from dashboard.cli.store import store_of
from gates.changes.content import Terms
from gates.policy.intent import Actor, Role
from tests.browser.chromium import DESK, PHONE, kept
from tests.browser.scene import signed_in
from tests.browser.test_stop import pictured
from tests.browser.windows import usual_port, window
from tests.dashboard.auth.town import ALICE, Town, now, town
from tests.dashboard.server.processes import Served, serving

pytestmark = pytest.mark.browser
EVIL = "the pilot went well <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town under shadow, with two requests of Alice's."""
    people = town(tmp_path_factory.mktemp("review"), clock=now())
    store = store_of(people.home)
    for percent in (10, 10):
        terms = Terms(reason=EVIL, decision_record="ADR-7", exception="few")
        service_of(people.home, store).propose(Actor(ALICE, frozenset(Role)), {"percent": percent}, terms)
    store.close()
    return people


@pytest.fixture(scope="module")
def served(here: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("server"), here.home, usual_port()) as process:
        yield process


@contextmanager
def request_page(
    browser: Browser,
    here: Town,
    served: Served,
    number: int,
    size: tuple[int, int] = DESK,
    who: str = "alice",
) -> Iterator[Page]:
    with window(browser, size) as context:
        signed_in(context, served.url, here.tokens[who])
        page = context.new_page()
        page.goto(f"{served.url}/review?request={number}")
        expect(page.get_by_role("heading", name=f"Request {number}: percent 5 → 10")).to_be_visible()
        yield page


def test_one_click_after_typing_signs_and_comments_stay_while_the_page_refreshes(
    browser: Browser, here: Town, served: Served
) -> None:
    with request_page(browser, here, served, 1) as page:
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_role("alert").filter(has_text="type 10 into the field")).to_be_visible()
        page.get_by_label("Type 10 to sign it").fill("10")
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_text("request 1 is approved")).to_be_visible()
        expect(page.get_by_text("You signed it as it stands.")).to_be_visible()
        expect(page.locator(".sg-r-top .sg-r-state")).to_contain_text("APPROVED")

        box = page.get_by_label("Comment", exact=True)
        box.fill("half a sent")
        before = page.locator(".sg-freshness").inner_text()
        expect(page.locator(".sg-freshness")).not_to_have_text(before)
        expect(box).to_have_value("half a sent")
        page.get_by_role("button", name="Comment").click()
        expect(page.locator(".sg-r-comments")).to_contain_text("half a sent")
        expect(page.get_by_label("Comment", exact=True)).to_have_value("")


def test_what_can_be_done_stays_in_sight(browser: Browser, here: Town, served: Served) -> None:
    with request_page(browser, here, served, 2) as page:
        page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 900)")
        expect(page.get_by_role("button", name="Sign it")).to_be_in_viewport()
        expect(page.get_by_role("button", name="Stop all AI calls")).to_be_in_viewport()
        assert page.locator("img[src=x]").count() == 0


def test_on_a_phone(browser: Browser, here: Town, served: Served) -> None:
    with request_page(browser, here, served, 2, PHONE, "bob") as page:
        expect(page.get_by_role("button", name="Sign it")).to_be_disabled()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("link", name="Decide").click()
        expect(page.get_by_role("heading", name="Decide")).to_be_in_viewport()
        pictured(page, "review-phone")


def test_the_decision_record_opens_and_runs_nothing(browser: Browser, here: Town, served: Served) -> None:
    with request_page(browser, here, served, 2, who="bob") as page:
        with page.expect_popup() as opened:
            page.get_by_role("link", name="Decision record").last.click()
        record = opened.value
        expect(record.get_by_role("heading", name="Decision record: request 2")).to_be_visible()
        expect(record.get_by_text(EVIL).first).to_be_visible()
        kept(record, "decision-record")
