"""Answer commands on loopback, and nothing else: a process that owns the telemetry and serves no pages."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.applications import Starlette

from dashboard.server.local import local_routes
from dashboard.telemetry import serving
from dashboard.telemetry.port import Telemetry
from dashboard.telemetry.serving import Place
from gates.home import Home

_LOOPBACK = "127.0.0.1"
_LOOK_S = 0.005


@contextmanager
def answering(home: Home, telemetry: Telemetry) -> Iterator[None]:
    """While the block runs, commands on `home` find and ask this process, as they do a server.

    It works for them in threads of its own; what is under way at the end is waited for. Where it cannot be
    announced, as on a full disk, nobody asks: what the block does goes on.
    """
    with listening(telemetry) as place:
        try:
            with suppress(OSError):
                serving.announce(home, f"http://{place.host}:{place.port}", place.secret)
            yield
        finally:
            serving.withdraw(home, place.secret)


@contextmanager
def listening(telemetry: Telemetry) -> Iterator[Place]:
    """`telemetry` behind its routes, on a free port; for whoever is told the place."""
    secret = serving.new_secret()
    with socket.create_server((_LOOPBACK, 0)) as listener:
        app = Starlette(routes=local_routes(telemetry, secret))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="answering")
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(_LOOK_S)
            yield Place(_LOOPBACK, listener.getsockname()[1], secret)
        finally:
            server.should_exit = True
            thread.join()
