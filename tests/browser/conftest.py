"""What the browser tests share: the browser, and homes that are served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import PATIENCE_MS, chromium
from tests.browser.rollout import Rollout, served_rollout
from tests.browser.scene import served_scene
from tests.browser.windows import WARM, usual_port
from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.server.processes import Served, serving

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all modules of a worker; tests open it by `window`.

    It ends with the package, because no test can run an event loop of its own while Playwright's is open.
    """
    with chromium(*WARM) as found:
        yield found


@pytest.fixture(scope="module")
def climbing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rollout, Served]]:
    with served_rollout(tmp_path_factory.mktemp("rollout")) as found:
        yield found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Served]]:
    with served_scene(tmp_path_factory.mktemp("scene")) as found:
        yield found


@pytest.fixture
def here(tmp_path: Path) -> Town:
    return town(tmp_path, clock=now())


@pytest.fixture
def served(here: Town, tmp_path: Path) -> Iterator[Served]:
    """A server for one test, which may kill it and what it serves."""
    with serving(tmp_path, here.home, usual_port()) as process:
        yield process
