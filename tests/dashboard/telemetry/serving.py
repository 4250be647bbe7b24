"""A real server on loopback that answers the local calls of a home, and nothing else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dashboard.server.answering import listening
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.serving import Place
from dashboard.telemetry.spool import PassWhenFree
from gates.home import Home
from ingest.store import TelemetryStore

served = listening
"""Any telemetry, behind the routes."""


@contextmanager
def served_home(
    home: Home, seconds: float = 30.0, clock: Callable[[], int] = time.time_ns
) -> Iterator[Place]:
    """The telemetry of `home`, owned by a server in a thread of this process."""
    with TelemetryStore.open(home.telemetry) as store:
        telemetry = StoreTelemetry(home, store, PassWhenFree(home, store), seconds=seconds, clock=clock)
        with served(telemetry) as place:
            yield place
