"""Recent jobs for previews, from the telemetry of a home. DuckDB is imported when they are asked for."""

from importlib.util import find_spec
from pathlib import Path

from gates.changes.ports import RecentJob, RecentWindow, nothing_visible


class TelemetryJobs:
    """The jobs in the telemetry store at `path`. Where they cannot be seen, the window says why."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recent(self, now_ns: int) -> RecentWindow:
        """The distinct jobs of the last 24 h of telemetry. Never raises."""
        if find_spec("duckdb") is None:
            return nothing_visible("this host has no DuckDB; preview where telemetry is ingested")
        from ingest.errors import IngestError
        from ingest.recent_jobs import recent_jobs
        from ingest.store import TelemetryStore
        from ingest.store.failures import in_words

        try:
            with in_words(self._path):
                if not self._path.exists():
                    return nothing_visible("no telemetry was ingested yet; `slotgate ingest load` does it")
                with TelemetryStore.open_for_reading(self._path) as store, store.cursor() as cursor:
                    seen = recent_jobs(cursor, now_ns)
        except IngestError as error:
            return nothing_visible(str(error))
        jobs = tuple(RecentJob(job.job_id, job.bucket, job.reached_bucket) for job in seen.jobs)
        return RecentWindow(jobs, seen.hours, seen.until_ns)
