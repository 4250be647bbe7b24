"""What `slotgate doctor` looks at in the telemetry. DuckDB is imported only where there is some."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dashboard.cli.doctor_checks import Finding, unusable
from gates.home import Home

if TYPE_CHECKING:
    from ingest.store import TelemetryStore


def telemetry(home: Home) -> Finding:
    """The telemetry file can be opened, or a server has it open, and no line waits for the gate audit."""
    if not home.telemetry.exists():
        return Finding("telemetry", ok=True, words="no telemetry was ingested yet")
    if find_spec("duckdb") is None:
        return Finding(
            "telemetry", ok=True, words="not looked at: this host has no DuckDB and does not need it"
        )
    from ingest.errors import IngestError, StoreInUse
    from ingest.store import TelemetryStore

    try:
        with TelemetryStore.open_for_reading(home.telemetry) as store:
            return of_store(store)
    except StoreInUse as error:
        return Finding("telemetry", ok=True, words=str(error).partition("; ")[0])
    except IngestError as error:
        return unusable("telemetry", str(error))


def of_store(store: "TelemetryStore") -> Finding:
    """What an open telemetry store says."""
    from ingest.errors import IngestError
    from ingest.gate_audit import unaudited

    try:
        with store.cursor() as cursor:
            waiting = unaudited(cursor)
    except IngestError as error:
        return unusable("telemetry", str(error))
    if waiting:
        what = "1 line waits" if waiting == 1 else f"{waiting:,} lines wait"
        return Finding(
            "telemetry",
            ok=False,
            words=f"{what} for the gate audit, and every review holds until it is done",
            todo="`slotgate gate-audit` does it",
        )
    return Finding("telemetry", ok=True, words="the telemetry store opens, every line is audited")
