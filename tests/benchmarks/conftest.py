"""What benchmarks print and draw becomes `bench-results/report.html`, made anew by each run."""

import os
import platform
import subprocess
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import altair
import pytest
import streamlit.logger
import vl_convert

from tests.benchmarks.report_page import Benchmark, Chart, page

ROOT = Path(__file__).parents[2]
_CHART = "chart"
_benchmarks = pytest.StashKey[list[Benchmark]]()

# Caches of pages are used outside of a server here: Streamlit would warn of each, among the figures.
streamlit.logger.set_log_level("ERROR")

Draw = Callable[[str, altair.TopLevelMixin], None]


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """Puts a chart into the report: `draw(what is seen on it, chart)`."""

    def put(title: str, chart: altair.TopLevelMixin) -> None:
        svg = vl_convert.vegalite_to_svg(chart.to_dict())
        request.node.user_properties.append((_CHART, Chart(title, svg)))

    return put


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_benchmarks] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or report.failed:
        charts = tuple(value for name, value in item.user_properties if name == _CHART)
        one = Benchmark(
            item.name,
            report.outcome,
            report.duration,
            os.getloadavg()[0],
            report.capstdout + (report.longreprtext if report.failed else ""),
            tuple(chart for chart in charts if isinstance(chart, Chart)),
        )
        item.config.stash[_benchmarks].append(one)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    benchmarks = session.config.stash[_benchmarks]
    if not benchmarks:
        return
    file = ROOT / "bench-results" / "report.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(page(_about(), benchmarks), encoding="utf-8")
    print(f"\nreport: {file.relative_to(ROOT)}")


def _about() -> dict[str, str]:
    return {
        "machine": f"{_cpu()}, {os.cpu_count()} cores, {_memory_gib():.1f} GiB, {platform.system()}",
        "python": platform.python_version(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)


def _commit() -> str:
    """What `git describe` calls the work tree; slotgate may also have come without git."""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"
