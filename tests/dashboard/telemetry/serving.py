"""A real server on loopback that answers the local calls of a home, and nothing else."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from dashboard.server.local import local_routes
from dashboard.telemetry import serving
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.port import Telemetry
from dashboard.telemetry.serving import Place
from dashboard.telemetry.spool import PassWhenFree
from gates.home import Home
from ingest.store import TelemetryStore


@contextmanager
def served_home(
    home: Home, seconds: float = 30.0, clock: Callable[[], int] = time.time_ns
) -> Iterator[Place]:
    """The telemetry of `home`, owned by a server in a thread of this process."""
    with TelemetryStore.open(home.telemetry) as store:
        telemetry = StoreTelemetry(home, store, PassWhenFree(home, store), seconds=seconds, clock=clock)
        with served(telemetry) as place:
            yield place


@contextmanager
def served(telemetry: Telemetry) -> Iterator[Place]:
    """Any telemetry, behind the routes."""
    secret = serving.new_secret()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = Starlette(routes=local_routes(telemetry, secret))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield Place("127.0.0.1", listening.getsockname()[1], secret)
        finally:
            server.should_exit = True
            thread.join()
