"""Every page by its address, on a phone, by keyboard: it shows the view, fits, and asks nobody else."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE, kept
from tests.browser.people import SIDEWAYS, at_a_browser, go, requests_of
from tests.browser.rollout import Rollout
from tests.dashboard.server.processes import Served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # half a minute of work, but not alone
VIEWS = (
    ("/overview?scope=expand-25&window=24h", "Data behind the figures and charts"),
    ("/stages?step=expand-25%408", "expand-25, revision 8"),
    ("/stages?step=expand-25%408&with=expand-10%407", "not an experiment"),
    ("/review", "Nothing waits for a signature"),
    ("/review?request=12", "Request 12: percent 10 → 25"),
    ("/controls?part=history", "Revision 8"),
    ("/controls?step=expand-50", "Propose expand-50"),
    ("/gate-audit?severity=critical&step=expand-25", "none of these"),
    ("/triage?job=job-7", "job-7"),
    ("/audit?seq=2", "Record 2: propose on operator"),
    ("/beta?list=after-change", "after"),
    ("/runbook?topic=E_OWN_APPROVAL", "E_OWN_APPROVAL"),
)
"""An address, and what of the view it names is seen."""
MOST_TABS = 120
NAMED = "(one => one.ariaLabel ?? one.innerText.trim())(document.activeElement)"
"""What has the focus, by the name it most likely has: a quarter of the cost of looking for its role."""


def test_every_address_shows_its_view_on_a_phone_and_asks_nobody_else(
    browser: Browser, climbing: tuple[Rollout, Served]
) -> None:
    served, wrong = climbing[1], []
    with at_a_browser(browser, climbing, "alice", "/", PHONE) as (page, heard):
        for address, said in VIEWS:
            go(page, served, address)
            main = page.locator("[data-testid=stMain]")
            try:
                expect(main).to_contain_text(said)
            except AssertionError:
                wrong.append(f"{address} does not say `{said}`: {main.inner_text()[:1500]}")
            wrong += [f"{address} became {page.url}"] if page.url != served.url + address else []
            wrong += [f"{address} scrolls sideways"] if page.evaluate(SIDEWAYS) else []
            if "scope=" in address:
                expect(page.locator(".st-key-scope").get_by_role("combobox")).to_have_value(
                    "Step · expand-25"
                )
            kept(page, f"journey-phone-{address.strip('/').replace('?', '-').replace('&', '-')}")
    assert wrong == []
    assert heard.errors == []
    assert heard.strangers == []


def test_a_proposal_by_keyboard_alone(browser: Browser, climbing: tuple[Rollout, Served]) -> None:
    rollout, _ = climbing
    asked = len(requests_of(rollout.home))
    with at_a_browser(browser, climbing, "alice", "/controls?step=expand-50") as (page, _):
        expect(page.get_by_role("button", name="Propose expand-50")).to_be_enabled()
        for name, words in (
            ("Why", "no evidence of harm at 25 %"),
            ("Decision record", "ADR-7"),
            ("Type 50, the percent it leads to", "50"),
        ):
            _tab_to(page, "textbox", name)
            page.keyboard.type(words)
        _tab_to(page, "button", "Propose expand-50")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Done:")).to_be_visible()
        kept(page, "journey-by-keyboard")
    rows = requests_of(rollout.home)
    assert (len(rows), rows[-1].decision_record) == (asked + 1, "ADR-7")


def _tab_to(page: Page, role: str, name: str) -> None:
    wanted = page.get_by_role("button" if role == "button" else "textbox", name=name, exact=True)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED) == name:
            expect(wanted).to_be_focused()
            return
    raise AssertionError(f"{name} is not reached by Tab")
