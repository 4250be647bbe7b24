"""Recent jobs for previews, from telemetry that this process can ask."""

from dashboard.errors import DashboardError
from dashboard.telemetry.port import Telemetry
from gates.changes.ports import RecentJob, RecentWindow, nothing_visible
from gates.errors import GateError
from ingest.errors import IngestError


class SeenInTelemetry:
    """The jobs in `telemetry`. Where they cannot be seen, the window says why."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def recent(self, now_ns: int) -> RecentWindow:
        """The distinct jobs of the last 24 h of telemetry. Never raises."""
        try:
            seen = self._telemetry.recent_jobs(now_ns)
        except (IngestError, DashboardError, GateError) as error:
            return nothing_visible(str(error))
        jobs = tuple(RecentJob(job.job_id, job.bucket, job.reached_bucket, job.job) for job in seen.jobs)
        return RecentWindow(jobs, seen.hours, seen.until_ns)
