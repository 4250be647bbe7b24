"""What `slotgate doctor` says of how long lines are kept."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dashboard.cli.doctor_checks import Finding
from gates.controls.instant import timestamp
from gates.home import Home

if TYPE_CHECKING:
    from dashboard.telemetry.port import Telemetry

_CHECK = "retention"


def retention(home: Home) -> Finding:
    """Since when lines are kept, and what the last pass did."""
    if not home.telemetry.exists():
        return Finding(_CHECK, ok=True, words="no telemetry was ingested yet")
    if find_spec("duckdb") is None:
        return Finding(_CHECK, ok=True, words="not looked at: this host has no DuckDB and does not need it")
    from dashboard.telemetry.at_home import HomeTelemetry

    return retention_through(HomeTelemetry(home))


def retention_through(telemetry: "Telemetry") -> Finding:
    """The same, by asking whoever has the telemetry file open."""
    from dashboard.errors import QueryTimeout, ServerFailed
    from ingest.errors import IngestError

    try:
        found = telemetry.retention()
    except (IngestError, ServerFailed, QueryTimeout) as error:  # what is wrong with it, another check says
        return Finding(_CHECK, ok=True, words=f"not looked at: {str(error).partition('; ')[0]}")
    if found.said is None or found.passed_ns is None:
        return Finding(_CHECK, ok=True, words=f"{found.words}; no pass was made yet")
    return Finding(_CHECK, ok=True, words=f"{found.words}; {timestamp(found.passed_ns)}: {found.said}")
