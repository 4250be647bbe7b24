"""Impatient hands and second tabs: what is clicked twice happens once, what is stale does nothing."""

import pytest
from playwright.sync_api import Browser, Page, expect

from gates.home import Home
from gates.store.store import Store
from tests.browser.chromium import kept
from tests.browser.people import at_a_browser, deeds, fill, go, newest, requests_of, size, tab
from tests.browser.rollout import Rollout
from tests.dashboard.server.processes import Served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # half a minute of work, but not alone


def test_double_clicks_enter_and_two_tabs_do_everything_once(
    browser: Browser, climbing: tuple[Rollout, Served]
) -> None:
    rollout, served = climbing
    before, records, asked = newest(rollout.home), size(rollout.home), len(requests_of(rollout.home))
    with at_a_browser(browser, climbing, "alice", "/controls") as (alice, _):
        button = alice.get_by_role("button", name="Propose expand-50")
        _says(alice)
        button.dblclick()
        _done(alice)
        assert len(requests_of(rollout.home)) == asked + 1, "a double click asked twice"
        first = requests_of(rollout.home)[-1].number

        go(alice, served, "/controls")
        _says(alice)
        field = alice.get_by_role("textbox", name="Type 50, the percent it leads to", exact=True)
        field.press("Enter")
        button.click()
        _done(alice)
        assert len(requests_of(rollout.home)) == asked + 2, "Enter and a click asked twice"
        second = requests_of(rollout.home)[-1].number

        # Bob has the first one open in two tabs, and signs in one of them with a double click.
        with at_a_browser(browser, climbing, "bob", f"/review?request={first}") as (bob, _):
            other, _ = tab(bob.context.new_page(), served, f"/review?request={first}")
            for page in (bob, other):
                fill(page, "Type 50 to sign it", "50")
            stale = other.get_by_role("button", name="Sign it")
            bob.get_by_role("button", name="Sign it").dblclick()
            expect(bob.get_by_text("You signed it as it stands.")).to_be_visible()
            expect(
                other.get_by_role("alert").filter(has_text="is approved since you opened it")
            ).to_be_visible()
            stale.click()
            expect(other.get_by_text("You signed it as it stands.")).to_be_visible()
        assert signatures(rollout.home, first) == ["local|bob"]

        # Alice has both open; she applies the first one, which makes the second void.
        go(alice, served, f"/review?request={first}")
        late, _ = tab(alice.context.new_page(), served, f"/review?request={second}")
        fill(alice, "Type 50 to apply it", "50")
        alice.get_by_role("button", name="Apply it").dblclick()
        _done(alice)
        assert newest(rollout.home).revision == before.revision + 1
        expect(late.locator(".sg-strip")).to_contain_text("50 %")
        # What it asks for is in force already, so no rule speaks against it; it is void all the same.
        expect(late.locator(".sg-r-answer").last).to_contain_text("void because")
        go(late, served, f"/review?request={second}")
        expect(late.locator(".st-key-decide")).to_contain_text("void because")
        expect(late.get_by_role("button", name="Apply it")).to_be_disabled()
        kept(late, "journey-void-in-the-other-tab")
    done = deeds(rollout.home, records)
    assert [one for one in done if one[2] == "ALLOWED" and one[1] != "void"] == [
        ("alice", "propose", "ALLOWED"),
        ("alice", "propose", "ALLOWED"),
        ("bob", "approve", "ALLOWED"),
        ("alice", "apply", "ALLOWED"),
    ]
    assert newest(rollout.home).revision == before.revision + 1


def test_signed_out_in_one_tab_the_other_does_nothing(
    browser: Browser, climbing: tuple[Rollout, Served]
) -> None:
    rollout, served = climbing
    with at_a_browser(browser, climbing, "bob", "/controls") as (bob, _):
        other, _ = tab(bob.context.new_page(), served, "/controls")
        fill(other, "Why (may follow later)", "nobody may do this any more")
        narrow = other.get_by_role("button", name="Feature off")
        expect(narrow).to_be_enabled()
        before, records = newest(rollout.home), size(rollout.home)
        bob.get_by_role("button", name="Sign out").click()
        bob.wait_for_url(f"{served.url}/sign-in")
        narrow.evaluate("button => button.click()")  # also where the page has noticed and disabled it
        expect(other.get_by_text("You are not signed in.").first).to_be_visible()
        expect(other.get_by_role("button", name="Stop all AI calls")).to_be_disabled()
        kept(other, "journey-signed-out-elsewhere")
        other.reload()
        expect(other.get_by_role("heading", name="Sign in to slotgate")).to_be_visible()
        assert newest(rollout.home) == before
        assert deeds(rollout.home, records) == []


def signatures(home: Home, number: int) -> list[str]:
    """Who signed a request, each signature."""
    store = Store.open(home.store)
    with store.read() as tx:
        found = [one.approver_id for one in tx.approvals.of(number)]
    store.close()
    return found


def _says(alice: Page) -> None:
    fill(alice, "Why", "no evidence of harm at 25 %")
    fill(alice, "Decision record", "ADR-7")
    fill(alice, "Type 50, the percent it leads to", "50")


def _done(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Done:")).to_be_visible()
