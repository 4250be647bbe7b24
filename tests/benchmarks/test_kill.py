"""From the call of a kill to the last of 8 processes obeying, beside a flag client that polls."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from UnleashClient import UnleashClient  # type: ignore[attr-defined]

from gates.home import Home
from tests.gates.changes.deciding import Outcome, kills_and_releases

PROCESSES = 8
POLLED_FLIPS = 10
POLL_SECONDS = 1


@pytest.mark.timeout(1800)
def test_ten_thousand_kills(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        many = kills_and_releases(Home(Path(folder) / "home"), kills=10_000, processes=PROCESSES)
    on_disk = kills_and_releases(Home(tmp_path / "home"), kills=300, processes=PROCESSES)
    polled = polled_flips()
    show("in memory", many)
    show("on this disk", on_disk)
    middle, last = sorted(polled)[len(polled) // 2], max(polled)
    print(f"UnleashClient polling each {POLL_SECONDS} s on loopback: p50 {middle:.0f} ms, max {last:.0f} ms")
    print(f"ratio of the p50s: {middle / on_disk.percentile(50):.0f}x, and while it polls it answers `on`")
    assert (many.stale, on_disk.stale) == (0, 0)


def show(where: str, outcome: Outcome) -> None:
    p50, p99, last = (outcome.percentile(percent) for percent in (50, 99, 100))
    print(
        f"\n{outcome.kills} kills {where}, {PROCESSES} processes, {outcome.decisions} decisions: "
        f"{outcome.stale} stale; call to last process obeying p50 {p50:.2f} ms, p99 {p99:.2f} ms, "
        f"max {last:.2f} ms"
    )


class Flags(BaseHTTPRequestHandler):
    """One feature, on or off."""

    on = True

    def do_GET(self) -> None:
        feature = {"name": "ai", "enabled": Flags.on, "strategies": [{"name": "default", "parameters": {}}]}
        body = json.dumps({"version": 1, "features": [feature]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


def polled_flips() -> list[float]:
    """Milliseconds from switching the flag off at its server until the client says off."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flags)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with TemporaryDirectory() as cache:
        client = UnleashClient(
            f"http://127.0.0.1:{server.server_port}",
            "bench",
            refresh_interval=POLL_SECONDS,
            disable_metrics=True,
            disable_registration=True,
            cache_directory=cache,
        )
        client.initialize_client()
        took = []
        for number in range(POLLED_FLIPS):
            Flags.on = True
            wait_for(client, True)
            time.sleep(0.137 * (number % 7))  # at no fixed point of the polling
            begin = time.monotonic()
            Flags.on = False
            wait_for(client, False)
            took.append((time.monotonic() - begin) * 1000)
        client.destroy()
    server.shutdown()
    server.server_close()
    return took


def wait_for(client: UnleashClient, state: bool) -> None:
    end = time.monotonic() + 60
    while client.is_enabled("ai") is not state:
        assert time.monotonic() < end
        time.sleep(0.002)
