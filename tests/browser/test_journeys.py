"""The rollout goes one step up and is stopped and released again, by people in browsers of their own."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.demo.people import ALICE
from gates.controls.reader import ControlFile
from tests.browser.chromium import PHONE, kept
from tests.browser.people import (
    SIDEWAYS,
    as_it_stands,
    at_a_browser,
    by_link,
    deeds,
    fill,
    go,
    newest,
    prove_again,
    proved_long_ago,
    requests_of,
    size,
    two_clicks,
)
from tests.browser.rollout import Rollout
from tests.dashboard.server.processes import Served
from tests.warm.commands import run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # half a minute of work, but not alone
WHY = "no evidence of harm at 25 %"


def test_a_step_from_why_to_in_force_by_two_people(
    browser: Browser, climbing: tuple[Rollout, Served]
) -> None:
    rollout = climbing[0]
    before, records = newest(rollout.home), size(rollout.home)
    with (
        at_a_browser(browser, climbing, "alice", "/overview") as (alice, _),
        at_a_browser(browser, climbing, "bob", "/review") as (bob, _),
    ):
        expect(bob.get_by_text("Nothing waits for a signature")).to_be_visible()
        bob.evaluate("window.before = 'this load of the page'")
        number = _proposes(alice, rollout)

        # Bob's inbox has it without a reload; he compares, types the percent, signs.
        card = bob.get_by_role("link", name=f"Request {number}: percent 25 → 50")
        expect(card).to_be_visible()
        assert bob.evaluate("window.before") == "this load of the page"
        kept(bob, "journey-inbox")
        alice.get_by_role("link", name=f"Request {number}: show it to an approver").click()
        _own_request_is_refused(alice, rollout, number)
        card.click()
        _signs(bob, number)

        # Alice sees that it is signed, applies it, and every place has the new revision.
        expect(alice.locator(".sg-r-top .sg-r-state")).to_contain_text("APPROVED")
        as_it_stands(alice, "Apply it")
        fill(alice, "Type 50 to apply it", "50")
        alice.get_by_role("button", name="Apply it").click()
        expect(alice.get_by_role("status").filter(has_text="Done:")).to_be_visible()
        now = newest(rollout.home)
        assert (now.revision, now.after["percent"], now.request_number) == (before.revision + 1, 50, number)
        assert json.loads(rollout.home.control_file.read_bytes()) == now.after
        for page in (alice, bob):
            expect(page.locator(".sg-strip")).to_contain_text("50 %")
            expect(page.locator(".sg-strip")).to_contain_text(f"Revision{now.revision}")
            expect(page.locator(".sg-r-top .sg-r-state")).to_contain_text("APPLIED")
        kept(alice, "journey-applied")
        assert deeds(rollout.home, records) == [
            ("alice", "propose", "ALLOWED"),
            ("alice", "approve", "BLOCKED"),
            ("bob", "approve", "ALLOWED"),
            ("alice", "apply", "ALLOWED"),
        ]

        with bob.expect_popup() as opened:
            bob.get_by_role("link", name="Decision record").last.click()
        record = opened.value
        expect(record.get_by_role("heading", name=f"Decision record: request {number}")).to_be_visible()
        for said in (WHY, "alice", "bob", requests_of(rollout.home)[-1].content_digest):
            expect(record.get_by_text(said).first).to_be_visible()
        kept(record, "journey-decision-record")


def test_stopped_by_phone_and_released_by_two_people(
    browser: Browser, climbing: tuple[Rollout, Served]
) -> None:
    rollout, served = climbing
    before, records, asked = newest(rollout.home), size(rollout.home), len(requests_of(rollout.home))
    percent = str(before.after["percent"])
    with (
        at_a_browser(browser, climbing, "bob", "/gate-audit", PHONE) as (bob, _),
        at_a_browser(browser, climbing, "alice", "/controls") as (alice, _),
    ):
        two_clicks(bob)
        expect(bob.locator(".sp-result")).to_contain_text(re.compile(r"STOPPED by bob \d\d:\d\d:\d\d"))
        stopped = ControlFile(rollout.home.control_file).current()
        assert stopped.unknown or stopped.killed  # the record follows the stop
        bob.get_by_label(re.compile("Why")).fill("failures at 50 %")
        bob.get_by_role("button", name="Save reason").click()
        expect(bob.get_by_text("The reason is on record.")).to_be_visible()
        for page in (alice, bob):
            expect(page.locator(".sg-strip")).to_contain_text("KILLED")
            expect(page.locator(".sp-confirmation")).to_have_attribute("data-state", "CONFIRMED")
        expect(bob.locator(".sp-confirmation")).to_contain_text(
            re.compile(r"\d stubbed since, 0 calls since")
        )
        assert newest(rollout.home).after["kill"] is True
        assert not bob.evaluate(SIDEWAYS)
        kept(bob, "journey-stopped-phone")

        # Alice proved who she is too long ago for a release: she is asked again, and nothing has happened.
        proved_long_ago(alice.context, climbing, ALICE)
        go(alice, served, "/controls")
        _wants_release(alice)
        refused = alice.get_by_role("alert").filter(has_text="from the last 10 minutes")
        expect(refused).to_be_visible()
        kept(alice, "journey-step-up")
        assert len(requests_of(rollout.home)) == asked
        prove_again(alice, rollout.tokens["alice"])
        _verified(alice)
        _wants_release(alice)
        expect(alice.get_by_role("status").filter(has_text="Done:")).to_be_visible()
        number = requests_of(rollout.home)[-1].number

        go(bob, served, f"/review?request={number}")
        as_it_stands(bob, "Sign it")
        fill(bob, "Type release to sign it", "release")
        bob.get_by_role("button", name="Sign it").click()
        expect(bob.get_by_text("You signed it as it stands.")).to_be_visible()
        assert newest(rollout.home).after["kill"] is True, "one person and a signature released nothing"
        go(alice, served, f"/review?request={number}")
        as_it_stands(alice, "Apply it")
        fill(alice, "Type release to apply it", "release")
        alice.get_by_role("button", name="Apply it").click()
        expect(alice.get_by_role("status").filter(has_text="Done:")).to_be_visible()
        now = newest(rollout.home)
        assert (now.after["kill"], now.after["percent"]) == (False, int(percent))
        for page in (alice, bob):
            expect(page.locator(".sg-strip strong").first).to_have_text("LIVE")
            expect(page.locator(".sp-confirmation")).to_be_hidden()
        assert not bob.evaluate(SIDEWAYS)
        kept(bob, "journey-released-phone")
    assert [(who, deed) for who, deed, _ in deeds(rollout.home, records)] == [
        ("bob", "kill"),
        ("bob", "give owed"),
        ("alice", "propose-release refused"),
        ("alice", "propose"),
        ("bob", "approve"),
        ("alice", "apply"),
    ]


def _wants_release(alice: Page) -> None:
    """Fills the form that releases the kill, and presses its button."""
    fill(alice, "Why", "the provider is back")
    fill(alice, "Decision record", "ADR-8")
    fill(alice, "Type release, to let the kill go", "release")
    alice.get_by_role("button", name="Propose the release of the kill").click()


def _verified(page: Page) -> None:
    """Wait until telemetry since the kill shows that it is obeyed, by so many lines that it verifies."""
    expect(page.locator(".sp-confirmation")).to_contain_text(re.compile(r"(?:[2-9]\d|\d{3,}) stubbed since"))


def _proposes(alice: Page, rollout: Rollout) -> int:
    """Alice finds out why, looks closer, and proposes the next step; the number of her request."""
    asked = len(requests_of(rollout.home))
    verdict = alice.locator(".sg-verdict")
    expect(verdict).to_have_attribute("data-verdict", "EXPAND")
    expect(verdict).to_contain_text("no evidence of harm yet")
    alice.get_by_text("Why, and what would change it").click()
    expect(alice.locator(".sg-why-panel")).to_contain_text("What would change it")
    kept(alice, "journey-why")
    by_link(alice, "Stages")
    expect(alice.locator(".sg-stays").get_by_role("link", name="expand-25", exact=True)).to_be_visible()
    by_link(alice, "Gate audit")
    expect(alice.get_by_text(re.compile(r"No breach found in \d.* audited lines"))).to_be_visible()
    verdict.get_by_role("link", name="Controls").click()

    button = alice.get_by_role("button", name="Propose expand-50")
    expect(alice.locator(".st-key-controls-propose")).to_contain_text("Blast radius")
    fill(alice, "Why", WHY)
    fill(alice, "Decision record", "ADR-7")
    fill(alice, "Type 50, the percent it leads to", "25")
    button.click()
    expect(alice.get_by_role("alert").filter(has_text="type 50 to confirm")).to_be_visible()
    assert len(requests_of(rollout.home)) == asked, "the wrong percent opened a request"
    fill(alice, "Type 50, the percent it leads to", "50")
    kept(alice, "journey-propose")
    button.click()
    expect(alice.get_by_role("status").filter(has_text="Done:")).to_be_visible()
    rows = requests_of(rollout.home)
    assert len(rows) == asked + 1
    assert (rows[-1].requester, rows[-1].reason) == ("local|alice", WHY)
    return rows[-1].number


def _own_request_is_refused(alice: Page, rollout: Rollout, number: int) -> None:
    """The page says why she cannot sign her own; who tries all the same is refused, on record."""
    decide = alice.locator(".st-key-decide")
    expect(decide.get_by_role("button", name="Sign it")).to_be_disabled()
    expect(decide.get_by_role("button", name="Apply it")).to_be_disabled()
    expect(decide).to_contain_text("an approver must sign the request")
    expect(alice.locator(".sg-r-answer").first).to_contain_text("somebody else must approve it")
    home, token = str(rollout.home.root), rollout.tokens["alice"]
    tried = run(
        rollout.home.root.parent, "approve", str(number), "--home", home, environ={"SLOTGATE_TOKEN": token}
    )
    assert tried.returncode != 0
    assert b"E_OWN_APPROVAL" in tried.stdout
    expect(alice.locator(".sg-r-timeline")).to_contain_text("tried to sign it: blocked")


def _signs(bob: Page, number: int) -> None:
    """Bob compares frozen and live evidence, and signs with the percent typed."""
    expect(bob.get_by_role("heading", name=f"Request {number}: percent 25 → 50")).to_be_visible()
    for said in ("frozen", "live", "EXPAND", WHY):
        expect(bob.locator("[data-testid=stMain]").get_by_text(said).first).to_be_visible()
    bob.get_by_role("button", name="Sign it").click()
    expect(bob.get_by_role("alert").filter(has_text="type 50 into the field")).to_be_visible()
    fill(bob, "Type 50 to sign it", "50")
    kept(bob, "journey-sign")
    bob.get_by_role("button", name="Sign it").click()
    expect(bob.get_by_text("You signed it as it stands.")).to_be_visible()
