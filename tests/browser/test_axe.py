"""No serious or critical accessibility violation of ours on any page, light and dark.

What Streamlit itself fails is listed here by rule, with the element it is about and why it is left.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from dashboard.views.pages import PAGES
from tests.browser.chromium import HAS_SCHEME
from tests.browser.people import by_link
from tests.browser.scene import signed_in
from tests.browser.windows import window
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served

pytestmark = pytest.mark.browser
# The panel takes a second click for a slip of the finger when it comes at once.
DELIBERATE_MS = 450
SERIOUS = ("serious", "critical")
STREAMLITS: dict[str, tuple[str, ...]] = {}
"""By rule, what the elements that Streamlit itself gets wrong have in their markup."""

MODERATE = (
    "heading-order",
    "landmark-complementary-is-top-level",
    "landmark-unique",
    "page-has-heading-one",
    "region",
)
"""What axe itself calls moderate, whatever it finds: a quarter of its time, and never one of SERIOUS."""
WHOLE: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in MODERATE}}

_STANDS_STILL = "() => !document.getAnimations().some(one => one instanceof CSSTransition)"

BY_ADDRESS = [
    "/stop",
    "/review?request=1",
    "/controls?part=allowlist",
    "/triage?job=job-8",
    "/triage?tab=failures",
    "/triage?tab=quarantine",
    "/audit?seq=2",
]
_HAS_RUN = ".stApp[data-test-script-state=notRunning]"


@pytest.fixture(scope="module")
def page(browser: Browser, scene: tuple[Town, Served]) -> Iterator[Page]:
    people, served = scene
    with window(browser) as context:
        signed_in(context, served.url, people.tokens["alice"])
        page = context.new_page()
        # The page's own policy lets no foreign script in; axe is one.
        context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
        yield page


@pytest.mark.parametrize("path", BY_ADDRESS)
def test_nothing_serious_in_either_theme(page: Page, scene: tuple[Town, Served], path: str) -> None:
    _opened(page, scene, path)
    assert _in_both_themes(page) == []


@pytest.mark.timeout(400)
def test_nothing_serious_on_any_page_of_the_navigation(page: Page, scene: tuple[Town, Served]) -> None:
    """Loaded once, as by who works with it."""
    first, *others = PAGES
    _opened(page, scene, f"/{first.path}")
    found = {first.title: _in_both_themes(page)}
    for entry in others:
        page.emulate_media(color_scheme="light")
        by_link(page, entry.title)
        page.locator(_HAS_RUN).wait_for()
        found[entry.title] = _in_both_themes(page)
    assert {title: wrong for title, wrong in found.items() if wrong} == {}


def test_nothing_serious_where_a_command_was_refused_or_all_is_stopped(
    page: Page, scene: tuple[Town, Served]
) -> None:
    """The last one: the home stays killed."""
    _opened(page, scene, "/controls?part=duties")
    assert _in_both_themes(page) == []
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Propose a drill").click()
    page.locator(".sg-refused").wait_for()
    assert _in_both_themes(page) == []
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Stop all AI calls").click()
    page.wait_for_timeout(DELIBERATE_MS)
    page.get_by_role("button", name="Confirm stop").click()
    page.locator('.sg-strip[data-state="KILLED"]').wait_for()
    page.locator('.sg-verdict[data-verdict="KILLED"]').wait_for()
    assert _in_both_themes(page) == []


def _opened(page: Page, scene: tuple[Town, Served], path: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(scene[1].url + path)
    page.get_by_role("button", name="Stop all AI calls").wait_for()
    if path != "/stop":
        page.locator(".sg-strip").wait_for()


def _in_both_themes(page: Page) -> list[str]:
    found = _lasting(page, "light", WHOLE)
    page.emulate_media(color_scheme="dark")
    return found + [f"dark: {one}" for one in _lasting(page, "dark", {"runOnly": ["color-contrast"]})]


def _lasting(page: Page, scheme: str, options: dict[str, Any]) -> list[str]:
    """What is found however often one looks: a refresh may begin to fade while axe looks."""
    found: list[str] = []
    for _ in range(3):
        _drawn(page, scheme)
        seen = _violations(page, options)
        found = [one for one in seen if one in found] if found else seen
        if not found:
            break
    return found


def _drawn(page: Page, scheme: str) -> None:
    """Streamlit's pages follow the scheme a moment later, and fade: halfway nothing has its contrast."""
    page.wait_for_function(HAS_SCHEME, arg=scheme)
    page.wait_for_function(_STANDS_STILL)


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    asked = {"resultTypes": ["violations"], **options}
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", asked)
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
        if not any(known in node["html"] for known in STREAMLITS.get(one["id"], ()))
    ]
