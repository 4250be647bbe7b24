"""`GET /metrics`: everything as Prometheus or OpenMetrics text, whichever the scraper accepts.

The controls are read at the scrape; the store is asked for a few small things; the telemetry was counted
before. So a scrape costs the same whatever was recorded, and the controls come whatever is broken.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.metrics.controls import of_controls
from dashboard.api.metrics.families import PREFIX
from dashboard.api.metrics.measured import Measuring
from dashboard.api.metrics.notifications import of_notifications
from dashboard.api.metrics.record import of_record
from dashboard.api.metrics.telemetry import of_telemetry
from dashboard.api.problem import NO_STORE, Refused, problem
from dashboard.api.reader import require_reader
from dashboard.auth.access import Access
from dashboard.auth.threads import Threads
from dashboard.data.controls import control_strip
from dashboard.data.controls_file import controls_in_force
from gates.controls.reader import ControlFile
from gates.errors import GateError
from gates.store.port import StorePort

_THREADS = 2


class HomeCollector(Collector):
    """Collects one home anew at each scrape. `measuring` tells what is known of its telemetry."""

    def __init__(self, access: Access, measuring: Measuring) -> None:
        self._access = access
        self._measuring = measuring
        self._controls = ControlFile(access.home.control_file, clock=access.clock)
        self._version = version("slotgate")

    def collect(self) -> Iterator[Metric]:
        """Every family. Blocking; never raises."""
        yield InfoMetricFamily(f"{PREFIX}_build", "The slotgate that answers.", {"version": self._version})
        controls = self._controls.current()
        document = None if controls.unknown is not None else controls_in_force(self._access.home.control_file)
        yield from of_controls(controls, control_strip(controls, document))
        if self._access.people:
            yield from of_record(self._store(), self._access.clock())
        yield from of_notifications(self._access.home.root)
        yield from of_telemetry(self._measuring(), controls.step)

    def _store(self) -> StorePort | None:
        try:
            return self._access.directory.store()
        except (GateError, OSError):
            return None


class MetricsCalls:
    """The scrapes of one home."""

    def __init__(self, access: Access, measuring: Measuring) -> None:
        self._access = access
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(HomeCollector(access, measuring))
        self._threads = Threads(_THREADS)

    async def metrics(self, request: Request) -> Response:
        """All metrics, to whoever may look."""
        try:
            return await self._threads.run(self._scraped, request)
        except Refused as refused:
            return problem(refused)

    def _scraped(self, request: Request) -> Response:
        require_reader(self._access, request)
        encode, content_type = _encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), headers={**NO_STORE, "Content-Type": content_type})


def _encoder(accepted: str) -> tuple[Callable[[Collector], bytes], str]:
    try:
        return choose_encoder(accepted)
    except (TypeError, ValueError):  # a version that is no number: as if nothing was said
        return choose_encoder("")
