"""The Overview as a person sees it, in a real browser against a real server."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.history.controls import read_history
from ingest.loading.load import load
from ingest.store import TelemetryStore
from tests.browser.chromium import DESK, HAS_SCHEME, PHONE, Heard, kept
from tests.browser.windows import opened, usual_port
from tests.dashboard.record import DATA, LIVE, empty_home, line, publish, spool
from tests.dashboard.server.processes import Served, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample, served."""
    folder = tmp_path_factory.mktemp("served")
    home = empty_home(folder)
    publish(home, LIVE)
    with TelemetryStore.open(home.telemetry) as store:
        load(store, [DATA / "executor-a.cri.log"], read_history(DATA / "executor-a.controls.jsonl"))
    with serving(folder, home, usual_port()) as process:
        yield process


def tile(page: Page, name: str) -> str:
    found = page.locator(".sg-totals > div").filter(has=page.locator("dt", has_text=re.compile(f"{name}$")))
    return found.locator("strong").inner_text()


def edges(page: Page, selector: str) -> list[list[int]]:
    """Left, right and bottom of every match, in one look: a refresh may replace elements between two."""
    script = """selector => {
      const found = [...document.querySelectorAll(selector)].map(one => one.getBoundingClientRect())
      return found.length ? found.map(box => [box.left, box.right, box.bottom].map(Math.round)) : null
    }"""
    return list(page.wait_for_function(script, arg=selector).json_value())


@pytest.fixture(scope="class")
def desk(browser: Browser, served: Served) -> Iterator[tuple[Page, Heard]]:
    """One page for all tests of a class, which only look at it."""
    with opened(browser, served.url) as found:
        yield found


def assert_the_sample(page: Page, heard: Heard, size: str) -> None:
    """Its known figures, charts under each other, in both schemes, without a word to anybody else."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(HAS_SCHEME, arg=scheme)
        expect(page.locator(".st-key-charts svg.marks")).to_have_count(4)
        assert tile(page, "Runs") == "266"
        assert tile(page, "openai") == "16.9 %"
        assert tile(page, "stub") == "83.1 %"
        assert tile(page, "openai failed") == "33.3 %"
        expect(page.get_by_role("row", name="ROLLOUT_EXCLUDED")).to_contain_text("189")
        expect(page.locator(".sg-strip strong").first).to_have_text("LIVE")
        charts = edges(page, ".st-key-charts [data-testid=stVegaLiteChart]")
        assert len(charts) == 4
        assert len({(left, right) for left, right, _ in charts}) == 1
        main = page.locator("[data-testid=stMain]")
        assert main.evaluate("box => box.scrollWidth <= box.clientWidth"), "it scrolls sideways"
        kept(page, f"overview-sample-{size}-{scheme}")
    assert heard.errors == []
    assert heard.strangers == []


class TestOnADesk:
    def test_the_sample_on_a_desk(self, desk: tuple[Page, Heard]) -> None:
        page, heard = desk
        for part in (".sg-strip", ".sg-freshness", ".sg-totals"):
            assert [bottom < DESK[1] / 2 for _, _, bottom in edges(page, part)] == [True], (
                "scrolled to be seen"
            )
        assert_the_sample(page, heard, "desk")

    def test_every_control_is_reached_by_keyboard(self, desk: tuple[Page, Heard]) -> None:
        page, _ = desk
        expect(page.locator(".st-key-charts svg.marks")).to_have_count(4)
        wanted = {"scope", "window", "paused", "data"}
        reached: set[str] = set()
        for _ in range(80):
            if wanted <= reached:
                break
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "(() => { const key = document.activeElement.closest('[class*=st-key-]');"
                    " return key ? key.className.match(/st-key-([\\w-]+)/)[1] : '' })()"
                )
            )
        assert wanted <= reached

    def test_every_chart_is_named_and_its_data_opens_as_tables(self, desk: tuple[Page, Heard]) -> None:
        page, heard = desk
        expect(page.locator(".st-key-charts svg.marks")).to_have_count(4)
        for name in ("Controls over time", "Runs every", "Failed model calls", "Latency every"):
            assert page.locator(
                f".st-key-charts [aria-label*='{name}'], .st-key-charts [alt*='{name}']"
            ).count()
        page.get_by_text("Data behind the figures and charts").click()
        page.get_by_role("tab", name="Runs over time").click()
        expect(page.get_by_role("region", name="Runs over time")).to_be_visible()
        assert heard.errors == []


def test_the_sample_on_a_phone(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, PHONE) as (page, heard):
        assert [bottom < PHONE[1] for _, _, bottom in edges(page, ".sg-freshness")] == [True]
        assert_the_sample(page, heard, "phone")


def test_the_picker_writes_the_address_and_the_address_shows_the_step(
    browser: Browser, served: Served
) -> None:
    with opened(browser, served.url) as (page, _):
        page.locator(".st-key-scope").get_by_role("combobox").click()
        page.get_by_role("option", name="Step · canary-1").click()
        expect(page).to_have_url(re.compile(r"\?scope=canary-1$"))
        page.wait_for_function("document.querySelector('.sg-totals strong').textContent !== '266'")
        runs = tile(page, "Runs")
        address = page.url
    with opened(browser, address) as (page, heard):
        assert tile(page, "Runs") == runs
        expect(page.locator(".st-key-scope").get_by_role("combobox")).to_have_value("Step · canary-1")
        assert heard.errors == []


def test_it_follows_the_spool_without_flicker_and_pauses(browser: Browser, tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    spool(home, [(time.time_ns(), line("one"))])
    with serving(tmp_path, home, usual_port()) as served, opened(browser, served.url) as (page, heard):
        expect(page.locator(".st-key-charts svg.marks")).to_have_count(3)
        page.evaluate("document.querySelector('.st-key-charts svg.marks').dataset.same = 'yes'")
        spool(home, [(time.time_ns(), line(f"more-{n}")) for n in range(6)])
        expect(page.locator(".sg-totals strong").first).to_have_text("7")
        assert page.evaluate("document.querySelector('.st-key-charts svg.marks').dataset.same") == "yes"

        home.control_file.write_bytes(b"{")
        expect(page.locator(".sg-strip strong").first).to_have_text("STATE UNKNOWN")
        publish(home, LIVE.killed(), revision=2)
        expect(page.locator(".sg-strip strong").first).to_have_text("KILLED")

        page.locator(".st-key-paused label").first.click()
        expect(page.locator(".sg-freshness")).to_contain_text("paused, as of")
        stopped_at = page.locator(".sg-freshness").inner_text()
        spool(home, [(time.time_ns(), line("unseen"))])
        page.wait_for_timeout(3_500)
        assert page.locator(".sg-freshness").inner_text() == stopped_at
        assert heard.errors == []


def test_a_server_that_is_gone_is_noticed_and_a_new_one_taken_up(browser: Browser, tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    spool(home, [(time.time_ns(), line("one"))])
    with serving(tmp_path, home, usual_port()) as served, opened(browser, served.url) as (page, _):
        expect(page.locator(".sg-silent")).to_be_hidden()
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        expect(page.locator(".sg-silent")).to_be_visible()
        kept(page, "overview-server-gone")
        spool(home, [(time.time_ns(), line("two"))])
        with serving(tmp_path, home, served.port):
            expect(page.locator(".sg-totals strong").first).to_have_text("2")
            expect(page.locator(".sg-silent")).to_be_hidden()
