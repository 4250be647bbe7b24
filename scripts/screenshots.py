"""Take the pictures of docs/images from a demo of its own: `make screenshots`."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser, StorageState, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PORT = 8599
URL = f"http://127.0.0.1:{PORT}"
# Long enough that the live part has something to show.
LIVE_SECONDS = 45
CHARTS = ".st-key-charts svg.marks"
PICTURES = (
    ("overview-light", "/", (1440, 900), "light"),
    ("overview-dark", "/", (1440, 900), "dark"),
    ("overview-phone", "/", (390, 844), "light"),
    ("stop-phone", "/stop", (390, 844), "dark"),
    ("overview-step", "/?scope=expand-10", (1440, 900), "light"),
)


def main() -> None:
    """Start a demo in a temporary folder, take the pictures, stop it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        demo = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "slotgate"),
                "demo",
                "--home",
                f"{folder}/demo",
                "--port",
                str(PORT),
            ],
            cwd=folder,
            stdout=told.open("w"),
        )
        try:
            wait_until_ready(demo)
            time.sleep(LIVE_SECONDS)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                session = signed_in(browser, told.read_text())
                for name, path, size, scheme in PICTURES:
                    take(browser, session, name, path, size, scheme)
                browser.close()
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def wait_until_ready(demo: subprocess.Popen[bytes]) -> None:
    """Until the demo serves, or has ended."""
    while True:
        if demo.poll() is not None:
            sys.exit(f"the demo ended with {demo.returncode}")
        try:
            urllib.request.urlopen(f"{URL}/readyz", timeout=5).close()
        except (URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return


def signed_in(browser: Browser, told: str) -> StorageState:
    """The session of the demo's alice, by the link that it printed."""
    link = re.search(r"sign in as alice: (\S+)", told)
    if link is None:
        sys.exit("the demo printed no link to sign in")
    context = browser.new_context()
    page = context.new_page()
    page.goto(link[1])
    page.wait_for_url(f"{URL}/")
    state = context.storage_state()
    context.close()
    return state


def take(
    browser: Browser, session: StorageState, name: str, path: str, size: tuple[int, int], scheme: str
) -> None:
    """One picture of the window."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="Europe/London",
        device_scale_factor=1.5 if width > 1000 else 2,
        storage_state=session,
    )
    page = context.new_page()
    page.goto(URL + path)
    ready = page.get_by_role("button", name="Stop") if path == "/stop" else page.locator(CHARTS).nth(3)
    ready.wait_for(timeout=60_000)
    page.wait_for_timeout(1_500)
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
