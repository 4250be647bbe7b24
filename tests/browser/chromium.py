"""Debian's Chromium, headless, and everything a page said or asked for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

EXECUTABLE = "/usr/bin/chromium-headless-shell"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ARTIFACTS = Path(__file__).parents[2] / "test-artifacts"
_STREAMLITS = re.compile(r"/[\w-]+/_stcore/(health|host-config)$")
"""Streamlit looks for its server below a page's own path first, and does not find it there."""
HAS_SCHEME = """scheme => {
  const app = document.querySelector(".stApp")
  return matchMedia(`(prefers-color-scheme: ${scheme})`).matches
    && (!app || getComputedStyle(app).colorScheme === scheme)
}"""
"""Streamlit's pages follow the scheme a moment after it was chosen."""
PATIENCE_MS = 60_000
DESK = (1440, 900)
PHONE = (390, 844)


@dataclass
class Heard:
    """What a page wrote to the console as an error, and which other hosts it asked."""

    home: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear everything from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))

    def _said(self, message: ConsoleMessage) -> None:
        where = str(message.location.get("url", ""))
        if message.type == "error" and not _STREAMLITS.match(where.removeprefix(self.home)):
            self.errors.append(f"{message.text} {where}".strip())

    def _asked(self, url: str) -> None:
        ours = (self.home, self.home.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(ours):
            self.strangers.append(url)


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """The browser, with these flags beside the usual ones."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *more])
        yield browser
        browser.close()


def kept(page: Page, name: str) -> Path:
    """A picture of the window among the artefacts."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path)
    return path
