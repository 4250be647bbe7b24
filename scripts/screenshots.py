"""Take the pictures of docs/images from a demo of its own: `make screenshots`, some ten minutes.

Two visitors act in it first, so that there is something to see, and the demo's own people stand back:
bob narrows, alice asks for more, bob reports a bad output. So the rollout holds, and a request waits.
"""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
SLOTGATE = str(Path(sys.executable).parent / "slotgate")
PORT = 8599
URL = f"http://127.0.0.1:{PORT}"
HOLD = 10
"""What `slotgate review` exits with on HOLD."""
PATIENCE_S = 300
DESK, PHONE = (1440, 900), (390, 844)
THEMES = ("light", "dark")
COLOURS = 256
"""Of a picture: few enough to be small, enough to look the same."""


@dataclass(frozen=True, slots=True)
class Shot:
    """`ready` is what has to be in sight; `prepare` brings the page into the state to show."""

    name: str
    path: str
    ready: str
    size: tuple[int, int] = DESK
    prepare: Callable[[Page], None] | None = None
    who: str | None = "alice"


def main() -> None:
    """Start a demo in a temporary folder, act in it, take the pictures, stop it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, told = Path(folder, "demo"), Path(folder, "told")
        demo = subprocess.Popen(
            [SLOTGATE, "demo", "--home", str(home), "--port", str(PORT)], cwd=folder, stdout=told.open("w")
        )
        try:
            _wait_until_ready(demo)
            request, job = _acted(home)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                sessions = {name: _session(browser, told, name) for name in ("alice", "bob")}
                wanted = sys.argv[1:]
                for shot in _shots(request, job):
                    if not wanted or shot.name in wanted:
                        _both(browser, sessions.get(shot.who or ""), shot)
                browser.close()
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=120)


def _shots(request: str, job: str) -> tuple[Shot, ...]:
    logging.disable(logging.WARNING)  # what Streamlit says about pages outside of its own server
    from dashboard.views.pages import PAGES

    ready = {"overview": ".st-key-charts svg.marks >> nth=3", "gate-audit": ".sg-verdict >> nth=1"}
    # The runbook's commands name the folder of the home: a search shows none.
    address = {"triage": "/triage?tab=failures", "runbook": "/runbook?q=release"}
    prepare = {"controls": _to_the_ladder}
    desk = [
        Shot(
            one.path,
            address.get(one.path, f"/{one.path}"),
            ready.get(one.path, ".sg-strip"),
            prepare=prepare.get(one.path),
            who="bob" if one.path == "review" else "alice",
        )
        for one in PAGES
    ]
    phone = [
        Shot(f"{one.path}-phone", address.get(one.path, f"/{one.path}"), ".sg-strip", PHONE, who="bob")
        for one in PAGES
        if one.path in {"overview", "review", "controls", "runbook"}
    ]
    return (
        *desk,
        Shot("request", f"/review?request={request}", ".st-key-decide", who="bob"),
        Shot("job", f"/triage?job={job}", ".sg-gates"),
        Shot("allowlist", "/controls?part=allowlist", "[class*=st-key-draft-rule]", prepare=_draft),
        Shot("stop", "/stop", "button.sp-stop"),
        Shot("sign-in", "/sign-in", "button", who=None),
        *phone,
        Shot("request-phone", f"/review?request={request}", ".st-key-decide", PHONE, who="bob"),
        Shot("stop-phone", "/stop", "button.sp-stop", PHONE),
        Shot("stop-armed-phone", "/stop", "button.sp-stop", PHONE, prepare=_arm),
    )


def _to_the_ladder(page: Page) -> None:
    """What moves the rollout stands below what is in force."""
    page.locator(".st-key-controls-deeds button").first.wait_for()
    page.locator(".st-key-controls-ladder").evaluate("it => it.scrollIntoView()")
    page.mouse.move(700, 500)
    page.mouse.wheel(0, -70)


def _draft(page: Page) -> None:
    """One board more than is in force."""
    boards = page.get_by_role("combobox", name=re.compile("board", re.IGNORECASE)).first
    boards.fill("Edexcel")
    boards.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_text("WIDENS").first.wait_for()


def _arm(page: Page) -> None:
    """The first of the two clicks."""
    page.get_by_role("button", name="Stop all AI calls").click()


def _acted(home: Path) -> tuple[str, str]:
    """What the visitors do; the number of the open request, and the job that was reported."""
    _done(home, "bob", "propose", "--percent", "25", "--reason", "the provider announces maintenance")
    _wait(lambda: _jobs_of_now(home) != "", "no job was completed at 25 %")
    job = _jobs_of_now(home)
    why = ("--reason", "the maintenance is over", "--decision-record", "ADR-7")
    exception = ("--exception", "fifty jobs an hour: the bound is wide, and accepted")
    asked = _done(home, "alice", "propose", "--percent", "50", *why, *exception, "--json")
    _done(home, "bob", "report-bad", job, "--reason", "the task names the wrong exam board")
    _wait(lambda: _slotgate(home, "review").returncode == HOLD, "the rollout does not hold")
    return str(json.loads(asked)["request"]), job


def _jobs_of_now(home: Path) -> str:
    """A job whose call was completed lately; empty where there is none yet."""
    newest = max((home / "spool").glob("slotgen-*.log"), key=lambda path: path.stat().st_mtime)
    for line in reversed(newest.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]):
        found = re.search(r'\{.*"jobId":"([^"]+)".*\}', line)
        if found and '"COMPLETED"' in line and '"openai"' in line:
            return found[1]
    return ""


def _done(home: Path, who: str, *arguments: str) -> str:
    told = _slotgate(home, *arguments, "--token-file", str(home / "tokens" / who))
    if told.returncode:
        sys.exit(f"slotgate {arguments[0]} ended with {told.returncode}: {told.stderr or told.stdout}")
    return told.stdout


def _slotgate(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SLOTGATE, *arguments, "--home", str(home)], capture_output=True, text=True, check=False
    )


def _wait(until: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not until():
        if time.monotonic() > end:
            sys.exit(f"{otherwise}, after {PATIENCE_S} s")
        time.sleep(3)


def _wait_until_ready(demo: subprocess.Popen[bytes]) -> None:
    """Until the demo serves, or has ended."""
    while True:
        if demo.poll() is not None:
            sys.exit(f"the demo ended with {demo.returncode}")
        try:
            urllib.request.urlopen(f"{URL}/readyz", timeout=5).close()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
        else:
            return


def _session(browser: Browser, told: Path, name: str) -> StorageState:
    """The session of one of the demo's people, by the link that it printed."""
    link = re.search(rf"sign in as {name}: (\S+)", told.read_text())
    if link is None:
        sys.exit(f"the demo printed no link to sign in as {name}")
    context = browser.new_context()
    page = context.new_page()
    page.goto(link[1])
    page.wait_for_url(f"{URL}/")
    state = context.storage_state()
    context.close()
    return state


def _both(browser: Browser, session: StorageState | None, shot: Shot) -> None:
    """The window in both themes. The second comes from the same visit: Streamlit follows the browser."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light",
        timezone_id="Europe/London",
        device_scale_factor=1 if shot.size == DESK else 2,
        storage_state=session,
    )
    context.set_default_timeout(PATIENCE_S * 1_000)
    page = context.new_page()
    page.goto(URL + shot.path)
    page.locator(shot.ready).first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    if shot.prepare is not None:
        shot.prepare(page)
    for theme in THEMES:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.wait_for_timeout(2_500)
        path = IMAGES / f"{shot.name}-{theme}.png"
        _keep(page.screenshot(), path)
        print(f"{path.relative_to(ROOT)} {path.stat().st_size:,}")
    context.close()


def _keep(png: bytes, path: Path) -> None:
    picture = Image.open(BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
