"""The stop panel follows whether telemetry confirms a kill, also one that came from a shell."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import PATIENCE_MS, PHONE, kept
from tests.browser.windows import window
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served
from tests.warm.commands import run

pytestmark = pytest.mark.browser


def slotgate(here: Town, *words: str, ends: int = 0) -> None:
    found = run(here.home.root.parent, *words, "--home", here.home.root)
    assert found.returncode == ends, found.stderr


@pytest.mark.timeout(240)
def test_a_kill_from_a_shell_is_followed_until_telemetry_confirms_it(
    browser: Browser, here: Town, served: Served
) -> None:
    with window(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        ours = {"X-Slotgate-Request": "1", "Origin": served.url}
        context.request.post(f"{served.url}/api/v1/sign-in", headers=ours, data={"token": here.tokens["bob"]})
        page.goto(served.url)
        panel, confirmation = page.locator(".sp"), page.locator(".sp-confirmation")
        expect(page.locator(".sp-state")).to_contain_text("LIVE")
        expect(confirmation).to_be_hidden()

        slotgate(here, "kill", "--reason", "from a shell")
        expect(page.locator(".sp-state")).to_contain_text("STOPPED by", timeout=PATIENCE_MS)
        expect(confirmation).to_have_attribute("data-state", re.compile("ENGAGED|UNKNOWN"))
        expect(confirmation).to_have_attribute("data-state", "ENGAGED", timeout=PATIENCE_MS)
        before = panel.bounding_box()
        kept(page, "kill-engaged-desk-light")

        slotgate(here, "probe", "--count", "3", ends=12)  # three lines verify nothing, and confirm the kill
        expect(confirmation).to_have_attribute("data-state", "CONFIRMED", timeout=PATIENCE_MS)
        expect(confirmation).to_contain_text("3 stubbed since, 0 calls since")
        after = panel.bounding_box()
        assert before is not None
        assert after is not None
        assert before["height"] == after["height"]
        expect(page.locator(".sp-heard")).to_have_text("Telemetry confirms the stop.")
        page.get_by_role("button", name="Copy status").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        text = page.evaluate("navigator.clipboard.readText()")
        assert re.search(r"all AI calls STOPPED by .* revision 3\. Telemetry: CONFIRMED: ", text)
        kept(page, "kill-confirmed-desk-light")

        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        expect(confirmation).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        kept(page, "kill-confirmed-phone-light")
