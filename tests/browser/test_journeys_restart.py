"""The server is killed and comes back while two people are in the middle of writing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import kept
from tests.browser.people import at_a_browser, comments_of, fill, refreshed, requests_of
from tests.browser.rollout import Rollout, rollout
from tests.browser.windows import usual_port
from tests.dashboard.server.processes import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # half a minute of work, but not alone


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rollout]:
    with rollout(tmp_path_factory.mktemp("rollout")) as found:
        yield found


def test_half_typed_words_outlive_the_server_and_the_first_click_acts_once(
    browser: Browser, made: Rollout, tmp_path: Path
) -> None:
    number = requests_of(made.home)[-1].number
    with (
        serving(tmp_path, made.home, usual_port()) as served,
        at_a_browser(browser, (made, served), "alice", "/controls") as (alice, _),
        at_a_browser(browser, (made, served), "bob", f"/review?request={number}") as (bob, _),
    ):
        fill(alice, "Why", "no evidence of harm at 25 %")
        fill(alice, "Decision record", "ADR-7")
        percent = alice.get_by_role("textbox", name="Type 50, the percent it leads to", exact=True)
        percent.fill("5")
        comment = bob.get_by_role("textbox", name="Comment", exact=True)
        comment.fill("half a sent")
        asked = len(requests_of(made.home))
        served.process.kill()
        served.process.wait()

        with serving(tmp_path, made.home, served.port):
            for page in (alice, bob):
                refreshed(page)
                expect(page.locator(".sp-state")).to_contain_text("LIVE")
            expect(alice.get_by_role("textbox", name="Why", exact=True)).to_have_value(
                "no evidence of harm at 25 %"
            )
            expect(alice.get_by_role("textbox", name="Decision record", exact=True)).to_have_value("ADR-7")
            expect(percent).to_have_value("5")
            expect(comment).to_have_value("half a sent")
            assert len(requests_of(made.home)) == asked
            assert comments_of(made.home, number) == []

            percent.press("End")
            percent.press_sequentially("0")
            alice.get_by_role("button", name="Propose expand-50").click()
            expect(alice.get_by_role("status").filter(has_text="Done:")).to_be_visible()
            assert len(requests_of(made.home)) == asked + 1
            comment.press("End")
            comment.press_sequentially("ence")
            bob.get_by_role("button", name="Comment", exact=True).click()
            expect(bob.locator(".sg-r-comments")).to_contain_text("half a sentence")
            assert comments_of(made.home, number) == ["half a sentence"]
            kept(alice, "journey-after-a-restart")
