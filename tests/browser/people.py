"""People at browsers of their own, and what the store has of what they did."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.auth.access import open_access
from dashboard.auth.config import SignIn
from dashboard.auth.door import Door
from dashboard.auth.sessions import SECOND, Method, Sessions
from dashboard.auth.visitor import STEP_UP_NS
from dashboard.demo.people import name
from gates.home import Home
from gates.policy.intent import Actor
from gates.store.rows import RequestRow, RevisionRow
from gates.store.store import Store
from tests.browser.chromium import DESK, Heard, kept
from tests.browser.rollout import Rollout
from tests.browser.scene import signed_in
from tests.browser.windows import window
from tests.dashboard.server.processes import Served

DELIBERATE_MS = 450
"""So long a person takes between the two clicks of a stop; a double click is faster."""

SIDEWAYS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .filter(box => box && box.scrollWidth > box.clientWidth).length"""


@contextmanager
def at_a_browser(
    browser: Browser, here: tuple[Rollout, Served], who: str, path: str, size: tuple[int, int] = DESK
) -> Iterator[tuple[Page, Heard]]:
    """`who`, signed in, in a browser of their own, where `path` is drawn."""
    rollout, served = here
    with window(browser, size) as context:
        try:
            signed_in(context, served.url, rollout.tokens[who])
            yield tab(context.new_page(), served, path)
        except BaseException:
            for number, page in enumerate(context.pages):
                kept(page, f"journey-failed-{who}-{number}")
            raise


def prove_again(page: Page, token: str) -> None:
    """From where the page asks for a fresh proof, through the sign-in, and back to where one was."""
    page.get_by_role("link", name="prove who you are again").click()
    page.get_by_text("Sign in with a personal token").click()
    page.get_by_label("Personal token").fill(token)
    page.get_by_role("button", name="Sign in with the token").click()
    drawn(page)


def proved_long_ago(context: BrowserContext, here: tuple[Rollout, Served], actor: Actor) -> None:
    """The browser carries a session of `actor` who proved who they are eleven minutes ago.

    The session is made and its cookie sealed by the product, by a clock that stood there.
    """
    served, home = here[1], here[0].home
    access = open_access(home, home.store, Door("http", served.port, loopback=True), SignIn())
    sessions = Sessions(home.root / "sessions", lambda: time.time_ns() - STEP_UP_NS - 60 * SECOND)
    opened = sessions.open(actor.actor_id, name(actor), actor.roles, Method.TOKEN)
    context.add_cookies([{"name": access.door.cookie, "value": access.cookie_for(opened), "url": served.url}])
    access.close()


def two_clicks(page: Page) -> None:
    """Stop all AI calls, deliberately."""
    page.get_by_role("button", name="Stop all AI calls").click()
    confirm = page.get_by_role("button", name="Confirm stop")
    page.wait_for_timeout(DELIBERATE_MS)
    confirm.click()


def tab(page: Page, served: Served, path: str) -> tuple[Page, Heard]:
    """`path` in this tab, once its head is drawn."""
    heard = Heard(served.url)
    heard.listen(page)
    go(page, served, path)
    return page, heard


def go(page: Page, served: Served, path: str) -> None:
    """To `path` by its address."""
    page.goto(served.url + path)
    drawn(page)


def drawn(page: Page) -> None:
    """Wait for the head of the page, which comes first."""
    expect(page.locator(".sg-strip").first).to_be_visible()


def by_link(page: Page, title: str) -> None:
    """To a page by the navigation."""
    page.locator(".st-key-nav").get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1.sg-page-title")).to_have_attribute("data-page", title)


def fill(page: Page, label: str, words: str) -> None:
    """Type into a field and leave it, as a person does before the next one."""
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(words)
    field.press("Tab")


def as_it_stands(page: Page, name: str) -> None:
    """Until the button can be pressed; where the page says that it has changed meanwhile, show it anew."""
    button = page.get_by_role("button", name=name, exact=True, disabled=False)
    again = page.get_by_role("link", name="Show it as it stands")
    expect(button.or_(again).first).to_be_visible()
    if again.count():
        again.click()
        expect(again).to_have_count(0)
    expect(button).to_be_visible()


def refreshed(page: Page) -> None:
    """Wait until the part that refreshes has come anew."""
    expect(page.locator(".sg-freshness")).to_have_count(1)  # after a restart the old one stays for a moment
    seen = page.locator(".sg-freshness").inner_text()
    now = "(document.querySelector('.sg-freshness')?.innerText ?? was)"  # none while it is replaced
    page.wait_for_function(f"was => {now} !== was", arg=seen)


def requests_of(home: Home) -> list[RequestRow]:
    """Every request about the controls, oldest first."""
    store = Store.open(home.store)
    with store.read() as tx:
        found = [row for row in tx.requests.all() if row.kind == "controls"]
    store.close()
    return sorted(found, key=lambda row: row.number)


def newest(home: Home) -> RevisionRow:
    """The controls in force, as the store has them."""
    store = Store.open(home.store)
    with store.read() as tx:
        found = tx.revisions.newest()
    store.close()
    assert found is not None
    return found


def deeds(home: Home, since: int = 0) -> list[tuple[str, str, str]]:
    """Who did what and with which outcome, after that many records; sign-ins are left out."""
    store = Store.open(home.store)
    with store.read() as tx:
        found: list[dict[str, Any]] = [json.loads(record.body) for record in tx.audit.iterate()]
    store.close()
    return [
        (str(one["actor"]).removeprefix("local|"), str(one["action"]), str(one["outcome"]))
        for one in found[since:]
        if one["action"] not in ("sign in", "sign out", "freeze review", "in force")
    ]


def size(home: Home) -> int:
    """How many audit records there are."""
    store = Store.open(home.store)
    with store.read() as tx:
        found = sum(1 for _ in tx.audit.iterate())
    store.close()
    return found


def comments_of(home: Home, number: int) -> list[str]:
    """What was said about a request."""
    store = Store.open(home.store)
    with store.read() as tx:
        found = [one.text for one in tx.comments.of(number)]
    store.close()
    return found
