"""The stop as a person on the rota uses it: on every page, on `/stop`, on a phone, while all is slow."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gates.controls.reader import ControlFile
from gates.home import Home
from gates.store.store import Store
from tests.browser.chromium import DESK, HAS_SCHEME, PHONE, kept
from tests.browser.windows import usual_port, window
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served, serving, started

pytestmark = pytest.mark.browser
STOP, CONFIRM = "Stop all AI calls", "Confirm stop"
DELIBERATE_MS = 450
SIZES = ((PHONE, "phone"), (DESK, "desk"))


def sign_in(context: BrowserContext, url: str, token: str, then: str = "/") -> Page:
    """A person signs in by token, and is where they wanted to be."""
    page = context.new_page()
    page.goto(f"{url}/sign-in?next={then}")
    page.get_by_text("Sign in with a personal token").click()
    page.get_by_label("Personal token").fill(token)
    page.get_by_role("button", name="Sign in with the token").click()
    page.wait_for_url(url + then)
    return page


def two_clicks(page: Page) -> None:
    page.get_by_role("button", name=STOP).click()
    page.wait_for_timeout(DELIBERATE_MS)
    page.get_by_role("button", name=CONFIRM).click()


def is_stopped(home: Home) -> bool:
    controls = ControlFile(home.control_file).current()
    return bool(controls.unknown or controls.killed)


def kills(home: Home) -> list[tuple[str, str]]:
    store = Store.open(home.store)
    with store.read() as tx:
        found = [json.loads(record.body) for record in tx.audit.iterate()]
    store.close()
    return [(one["actor"], one["action"]) for one in found if one["action"].startswith("kill")]


def pictured(page: Page, what: str) -> None:
    """In both schemes; the page is light again afterwards."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(HAS_SCHEME, arg=scheme)
        kept(page, f"{what}-{scheme}")


@pytest.mark.parametrize("path", ["/", "/stop"], ids=["overview", "stop"])
def test_two_clicks_in_place(browser: Browser, here: Town, served: Served, path: str) -> None:
    """On a phone and on a desk; what was armed on the phone is taken back, what is on the desk stops."""
    name = "stop" if path == "/stop" else "overview"
    with window(browser, PHONE) as context:
        page = sign_in(context, served.url, here.tokens["carol"], path)
        panel = page.get_by_role("region", name=STOP)
        stop, confirm = page.get_by_role("button", name=STOP), page.get_by_role("button", name=CONFIRM)
        cancel = page.get_by_role("button", name="Cancel")
        for size, where in SIZES:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            expect(panel.get_by_role("status").first).to_have_text(re.compile("LIVE"))
            before = stop.bounding_box()
            assert before is not None
            assert before["y"] + before["height"] < size[1] / 2
            assert before["height"] >= 40
            stop.click()
            expect(panel).to_contain_text("Stops every AI call of demo at once")
            expect(panel).to_contain_text("Open now: 5 %")
            expect(confirm).to_be_focused()
            expect(cancel).to_be_visible()
            pictured(page, f"kill-armed-{name}-{where}")
            if size is not DESK:
                cancel.click()
        page.wait_for_timeout(DELIBERATE_MS)
        confirm.click()
        expect(panel.get_by_role("alert")).to_contain_text(re.compile(r"STOPPED by carol \d\d:\d\d:\d\d"))
        assert is_stopped(here.home)
        expect(panel.get_by_label(re.compile("Why"))).to_be_visible()
        for size, where in SIZES[::-1]:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            pictured(page, f"kill-stopped-{name}-{where}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                "it scrolls sideways"
            )


def test_cancel_escape_and_a_slip_of_the_finger_stop_nothing_and_two_clicks_stop_once(
    browser: Browser, here: Town, served: Served
) -> None:
    with window(browser) as context:
        page = sign_in(context, served.url, here.tokens["carol"], "/stop")
        stop, confirm = page.get_by_role("button", name=STOP), page.get_by_role("button", name=CONFIRM)
        stop.click()
        page.get_by_role("button", name="Cancel").click()
        expect(stop).to_be_focused()
        page.keyboard.press("Enter")
        expect(confirm).to_be_focused()
        page.keyboard.press("Escape")
        expect(confirm).to_have_count(0)
        assert not is_stopped(here.home)

        stop.dblclick()  # is one click
        page.wait_for_timeout(600)
        expect(confirm).to_be_visible()
        assert not is_stopped(here.home)
        confirm.dblclick(delay=10)
        expect(page.locator(".sp-result")).to_contain_text("STOPPED by carol")
        page.wait_for_timeout(1_000)
        assert kills(here.home) == [("local|carol", "kill")]


def test_by_keyboard_alone_then_the_reason_and_the_status_for_the_channel(
    browser: Browser, here: Town, served: Served
) -> None:
    with window(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = sign_in(context, served.url, here.tokens["carol"], "/stop")
        stop = page.get_by_role("button", name=STOP)
        expect(stop).to_be_enabled()
        for _ in range(10):
            page.keyboard.press("Tab")
            if stop.evaluate("button => button === document.activeElement"):
                break
        page.keyboard.press("Space")
        page.wait_for_timeout(DELIBERATE_MS)
        page.keyboard.press("Space")
        expect(page.locator(".sp-result")).to_contain_text("STOPPED by carol")
        expect(page.locator(".sp-result")).to_be_focused()

        page.get_by_label(re.compile("Why")).fill("failures at 30 %")
        page.get_by_role("button", name="Save reason").click()
        expect(page.get_by_text("The reason is on record.")).to_be_visible()
        page.get_by_role("button", name="Copy status").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        text = page.evaluate("navigator.clipboard.readText()")
        assert re.match(r"slotgate demo: all AI calls STOPPED by carol at 20\d\d-.*Z, revision 3\.", text)


def test_the_other_tab_and_the_other_person_see_it(browser: Browser, here: Town, served: Served) -> None:
    with window(browser) as first, window(browser) as second:
        page = sign_in(first, served.url, here.tokens["alice"], "/stop")
        tab = first.new_page()
        tab.goto(f"{served.url}/stop")
        other = sign_in(second, served.url, here.tokens["bob"])
        two_clicks(page)
        for seen in (tab, other):
            said = seen.get_by_role("region", name=STOP)
            expect(said).to_contain_text(re.compile(r"STOPPED by alice \d\d:\d\d:\d\d"))
        expect(tab.get_by_role("button", name="Stop again")).to_be_enabled()
        expect(other.get_by_role("button", name="Stop again")).to_be_disabled()
        expect(other.get_by_role("region", name=STOP)).to_contain_text("call the rota")


def test_signed_out_one_may_still_stop_with_a_kill_token(
    browser: Browser, here: Town, served: Served
) -> None:
    with window(browser, PHONE) as context:
        page = context.new_page()
        page.goto(f"{served.url}/stop")
        expect(page.get_by_role("button", name=STOP)).to_be_disabled()
        expect(page.get_by_text("slotgate kill").first).to_be_visible()
        kept(page, "stop-signed-out-phone")
        page.get_by_label("Kill token or personal token").fill("slotgate_00_00")
        page.get_by_role("button", name="Use token").click()
        expect(page.get_by_text("the token was refused")).to_be_visible()
        page.get_by_label("Kill token or personal token").fill(here.kill_token)
        page.get_by_role("button", name="Use token").click()
        expect(page.get_by_role("button", name=STOP)).to_be_enabled()
        two_clicks(page)
        expect(page.locator(".sp-result")).to_contain_text("STOPPED by carol")


def test_the_state_is_unknown_when_the_server_is_gone_and_the_stop_fails_aloud(
    browser: Browser, here: Town, served: Served
) -> None:
    with window(browser, PHONE) as context:
        page = sign_in(context, served.url, here.tokens["carol"], "/stop")
        expect(page.get_by_text("LIVE").first).to_be_visible()
        served.process.kill()
        served.process.wait()
        expect(page.get_by_text("STATE UNKNOWN: the server does not answer")).to_be_visible()
        two_clicks(page)
        expect(page.locator(".sp-result")).to_contain_text("STOP FAILED – run slotgate kill")
        kept(page, "kill-failed-phone")
        assert not is_stopped(here.home)


def test_right_after_a_restart_of_the_server(browser: Browser, here: Town, tmp_path: Path) -> None:
    with window(browser) as context:
        with serving(tmp_path, here.home, usual_port()) as served:
            page = sign_in(context, served.url, here.tokens["carol"])
            expect(page.get_by_role("button", name=STOP)).to_be_enabled()
            served.process.kill()
            served.process.wait()
        with started(tmp_path, "serve", "--home", str(here.home.root), port=served.port) as again:
            while True:
                try:
                    if again.get("/healthz")[0] == 200:
                        break
                except OSError:
                    time.sleep(0.05)
            two_clicks(page)
            expect(page.locator(".sp-result")).to_contain_text("STOPPED by carol")
            assert is_stopped(here.home)


def test_while_a_long_query_runs_in_the_same_session(browser: Browser, here: Town, tmp_path: Path) -> None:
    port = usual_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.busy_server", str(here.home.root), str(port)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        served = Served(process, port)
        served.wait_until_ready()
        with window(browser, PHONE) as context:
            page = sign_in(context, served.url, here.tokens["carol"])
            expect(page.get_by_text("the query begins")).to_be_visible()
            page.get_by_role("button", name=STOP).click()
            page.wait_for_timeout(DELIBERATE_MS)
            page.get_by_role("button", name=CONFIRM).click()
            expect(page.locator(".sp-result")).to_contain_text("STOPPED by carol")
            assert is_stopped(here.home)
            expect(page.get_by_text("the query has ended")).to_have_count(0)
    finally:
        process.kill()
        process.communicate()
