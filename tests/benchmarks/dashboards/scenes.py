"""What is measured: our server over a day of lines, and beside it the peer over a copy of them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gates.home import Home
from tests.benchmarks.dashboards.homes import (
    copy_of_telemetry,
    home_of_a_day,
    lines_coming_in,
    session_cookie,
)
from tests.benchmarks.dashboards.peer import plain_app, until_it_answers
from tests.benchmarks.dashboards.readers import Readers, readers_of
from tests.dashboard.auth.town import Town
from tests.dashboard.server.processes import Served, free_port, started_afresh, wait_for_two_more_passes


@dataclass(frozen=True)
class Scene:
    """A home, a copy of its telemetry for the peer, and a home that the peer may stop."""

    here: Town
    telemetry: Path
    plain_home: Home
    folder: Path


def scene_in(folder: Path) -> Scene:
    """Takes some seconds."""
    here = home_of_a_day(folder)
    return Scene(here, copy_of_telemetry(here.home, folder / "copy"), Home(folder / "plain"), folder)


@contextmanager
def ours(scene: Scene, port: int | None = None) -> Iterator[Served]:
    """Our server, everything loaded, and lines that go on coming."""
    with started_afresh(scene.folder, "serve", "--home", str(scene.here.home.root), port=port) as served:
        served.wait_until_ready()
        wait_for_two_more_passes(served)
        with lines_coming_in(scene.here.home):
            yield served


@contextmanager
def answering(scene: Scene, port: int) -> Iterator[Served]:
    """Our server again, as soon as it answers anything."""
    with started_afresh(scene.folder, "serve", "--home", str(scene.here.home.root), port=port) as served:
        until_it_answers(served, "/healthz")
        yield served


@contextmanager
def busy(scene: Scene) -> Iterator[Served]:
    """Our server with a page that runs a query of half a minute."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.busy_server", str(scene.here.home.root), str(port)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        served = Served(process, port)
        served.wait_until_ready()
        yield served
    finally:
        process.kill()
        process.wait()


def plain(scene: Scene, port: int | None = None) -> AbstractContextManager[Served]:
    """The peer."""
    return plain_app(scene.telemetry, scene.plain_home, port)


def readers_of_ours(scene: Scene, served: Served) -> AbstractContextManager[Readers]:
    """Signed in as Alice."""
    return readers_of(served.url, session_cookie(served.url, scene.here.tokens["alice"]))
