"""What somebody else wrote is text on every page, in a real browser: nothing runs, nothing is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from dashboard.views.pages import PAGES
from tests.browser.chromium import PATIENCE_MS, Heard, chromium
from tests.browser.people import by_link
from tests.browser.scene import signed_in
from tests.browser.windows import WARM, window
from tests.dashboard.server.processes import Served, started, wait_for_two_more_passes
from tests.security.hostile import ATTACK, MARKUP, SHOWN, hostile_town

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)
DEEP = {
    "/": True,
    "/overview": True,
    "/stages": True,
    "/stages?step=expand-5": True,
    "/review": True,
    "/review?request=1": True,
    "/review?request=2": True,
    "/controls": True,
    "/controls?part=allowlist": True,
    "/controls?part=duties": True,
    "/controls?part=history": True,
    "/controls?part=people": False,  # a canvas: what it draws is no element
    "/controls?part=mode": True,
    "/gate-audit": True,
    f"/gate-audit?version={quote(ATTACK)}&source={quote(ATTACK)}": False,
    "/triage": False,
    f"/triage?job={quote(ATTACK)}": True,
    "/triage?tab=failures": True,
    "/triage?tab=quarantine": True,
    "/triage?tab=bad": True,
    "/audit": True,
    "/audit?seq=5": True,
    f"/audit?actor={quote(MARKUP)}": True,
    "/beta": False,
    f"/beta?item={quote(MARKUP)}": False,
    "/runbook": False,
    f"/runbook?q={quote(MARKUP)}": False,
    "/record/1": True,
    "/record/2": True,
    "/stop": True,
}
TITLES = {f"/{entry.path}": entry.title for entry in PAGES}


@dataclass
class Window:
    """One window for all pages: a new one for each costs half as much again."""

    page: Page
    url: str
    heard: Heard
    dialogs: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open `path`, with what was heard before forgotten; by the navigation where it leads there."""
        for said in (self.heard.errors, self.heard.strangers, self.dialogs):
            said.clear()
        title = TITLES.get(path)
        if title is not None and self.page.locator(".st-key-nav").count():
            by_link(self.page, title)
        else:
            self.page.goto(self.url + path)
        return self.page

    def dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    people = hostile_town(tmp_path_factory.mktemp("hostile"))
    home = str(people.home.root)
    with (
        started(tmp_path_factory.mktemp("server"), "serve", "--home", home) as served,
        chromium(*WARM) as browser,
    ):
        served.wait_until_ready()
        wait_for_two_more_passes(served)
        yield from _window(browser, served, people.tokens["alice"])


def _window(browser: Browser, served: Served, token: str) -> Iterator[Window]:
    with window(browser) as context:
        signed_in(context, served.url, token)
        found = Window(context.new_page(), served.url, Heard(served.url))
        found.heard.listen(found.page)
        found.page.on("dialog", found.dismiss)
        yield found


def test_every_page_is_looked_at() -> None:
    assert {f"/{entry.path}" for entry in PAGES} <= set(DEEP)


@pytest.mark.parametrize("path", DEEP)
def test_nothing_runs(shown: Window, path: str) -> None:
    page = shown.go(path)
    if not path.startswith(("/record", "/stop")):
        page.locator("h1.sg-page-title").wait_for(state="attached")
        expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    if DEEP[path]:
        page.get_by_text(SHOWN).first.wait_for(state="attached")
    assert page.evaluate("window.attacked") is None
    assert shown.dialogs == []
    assert shown.heard.strangers == []
    for planted in ("img[src=x]", "svg[onload]", "[onerror]", "a[href^='javascript' i]",
                    "a[href*='127.0.0.1:1/']", "img[src*='127.0.0.1:1/']"):  # fmt: skip
        assert page.locator(planted).count() == 0, planted
    assert not [
        said for said in shown.heard.errors if "Content Security Policy" in said or "Content-Security" in said
    ]


@pytest.mark.parametrize(
    "wanted",
    ["javascript:window.attacked=1", "//127.0.0.1:1/in", "/\\\\127.0.0.1:1/in", "http://127.0.0.1:1/"],
)
def test_the_sign_in_leads_to_our_own_pages_alone(shown: Window, wanted: str) -> None:
    """Whoever is signed in already goes on at once, and only to where a path of ours leads."""
    shown.go(f"/sign-in?next={quote(wanted)}").wait_for_url(f"{shown.url}/", wait_until="commit")
    assert shown.heard.strangers == []
