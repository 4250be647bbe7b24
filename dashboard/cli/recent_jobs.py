"""Recent jobs for previews, from the telemetry of a home. DuckDB is imported when they are asked for."""

from importlib.util import find_spec

from gates.changes.ports import RecentWindow, nothing_visible
from gates.home import Home


class TelemetryJobs:
    """The jobs in the telemetry of `home`. Where they cannot be seen, the window says why."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def recent(self, now_ns: int) -> RecentWindow:
        """The distinct jobs of the last 24 h of telemetry. Never raises."""
        if find_spec("duckdb") is None:
            return nothing_visible("this host has no DuckDB; preview where telemetry is ingested")
        from dashboard.review.recent_jobs import SeenInTelemetry
        from dashboard.telemetry.at_home import HomeTelemetry
        from ingest.errors import IngestError
        from ingest.store.failures import in_words

        try:
            with in_words(self._home.telemetry):
                if not self._home.telemetry.exists():
                    return nothing_visible("no telemetry was ingested yet; `slotgate ingest load` does it")
        except IngestError as error:
            return nothing_visible(str(error))
        return SeenInTelemetry(HomeTelemetry(self._home)).recent(now_ns)
