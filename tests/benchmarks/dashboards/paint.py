"""How long a page takes to be of use in a real browser, and what it costs that browser to stay current."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import BrowserContext, Page

_NOTE = """(() => {
    const wanted = %s;
    const seen = window.seenAt = {};
    const visible = one => one && one.getBoundingClientRect().height > 0;
    (function look() {
        for (const [name, [selector, count]] of Object.entries(wanted)) {
            if (name in seen) continue;
            const found = [...document.querySelectorAll(selector)].filter(visible);
            if (found.length >= count) seen[name] = performance.now();
        }
        requestAnimationFrame(look);
    })();
})()"""
CHARTS = '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg'
OURS = f"{{state: ['.sg-strip', 1], totals: ['.sg-totals', 1], charts: ['{CHARTS}', 4]}}"
PLAIN = (
    "{state: ['[data-testid=\"stMarkdown\"]', 1], totals: ['[data-testid=\"stMetric\"]', 6], "
    f"charts: ['{CHARTS}', 4]}}"
)


@dataclass(frozen=True)
class Paint:
    """Milliseconds from the navigation to the state of the controls, the totals, and all charts."""

    state: float
    totals: float
    charts: float

    @property
    def useful(self) -> float:
        """The first moment one can act on: both are there."""
        return max(self.state, self.totals)


def painted(page: Page, url: str) -> Paint:
    """Go there; the page notes itself when what is `noted` is seen."""
    page.goto(url)
    page.wait_for_function("Object.keys(window.seenAt).length === 3")  # charts may come before the totals
    return Paint(**page.evaluate("window.seenAt"))


def noted(context: BrowserContext, wanted: str) -> Page:
    """A page that notes when it shows what is `wanted`."""
    page = context.new_page()
    page.add_init_script(_NOTE % wanted)
    return page


def middle(paints: Sequence[Paint]) -> Paint:
    """The median of each."""
    return Paint(*(median(getattr(one, name) for one in paints) for name in ("state", "totals", "charts")))


def busy_ms_a_refresh(page: Page, seconds: float, every_s: float = 2.0) -> float:
    """What its main thread does in a refresh, ms: scripts, layout and paint."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    begin, before = time.monotonic(), busy()
    page.wait_for_timeout(seconds * 1e3)
    used, passed = busy() - before, time.monotonic() - begin
    session.detach()
    return used * 1e3 * every_s / passed
