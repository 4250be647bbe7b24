"""What `slotgate doctor` looks at in the telemetry. DuckDB is imported only where there is some."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dashboard.cli.doctor_checks import Finding, unusable
from gates.home import Home

if TYPE_CHECKING:
    from ingest.store import TelemetryStore
    from ingest.upkeep.room import Size

_MEGABYTE = 1_000_000


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


def telemetry_to_the_last_row(home: Home) -> Finding:
    """As `telemetry`, after every row was read: as long as the disk takes. Not of a file in use."""
    found = telemetry(home)
    if not found.ok or not home.telemetry.exists() or find_spec("duckdb") is None:
        return found
    from ingest.errors import IngestError, StoreInUse
    from ingest.store import TelemetryStore
    from ingest.upkeep.soundness import check_every_row

    try:
        with TelemetryStore.open_for_reading(home.telemetry) as store:
            rows = check_every_row(store)
    except StoreInUse as error:
        what, _, _ = str(error).partition("; ")
        return Finding(
            "telemetry",
            ok=True,
            words=f"its rows were not read one by one: {what}",
            todo="`slotgate backup TARGET` reads every row beside `slotgate serve` or `ingest follow`; or "
            "stop what uses it, then look again",
            looked=False,
        )
    except IngestError as error:
        return unusable("telemetry", str(error))
    return Finding("telemetry", ok=True, words=f"{found.words}, and all of its {rows:,} rows can be read")


def set_aside(home: Home) -> Finding:
    """No damaged telemetry file lies in the home."""
    from ingest.errors import StoreError
    from ingest.upkeep.aside import in_words, set_aside_beside

    try:
        found = set_aside_beside(home.telemetry)
    except StoreError as error:
        return unusable("damaged telemetry", str(error))
    if not found:
        return Finding("damaged telemetry", ok=True, words="none was set aside")
    return Finding(
        "damaged telemetry",
        ok=False,
        words=in_words(found[-1]) if len(found) == 1 else f"{len(found)} files; {in_words(found[-1])}",
        todo="`slotgate ingest load` what was loaded by name, then move it out; docs/runbook.md says how",
    )


def of_store(store: "TelemetryStore") -> Finding:
    """What an open telemetry store says."""
    from ingest.errors import IngestError
    from ingest.gate_audit import unaudited
    from ingest.rollups.rebuilding import is_under_way
    from ingest.upkeep.room import size_of

    try:
        with store.cursor() as cursor:
            waiting = unaudited(cursor)
            rebuilds = is_under_way(cursor)
        size = size_of(store)
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
    words = "the telemetry store opens, every line is audited"
    if rebuilds:
        words += (
            "; a rebuild of the rollups was begun and not ended: `slotgate ingest rebuild` goes on with it"
        )
    return Finding("telemetry", ok=True, words=words + room_words(size))


def room_words(size: "Size") -> str:
    """What could be given back to the disk; empty where that is little."""
    if not size.is_worth_compacting:
        return ""
    return (
        f"; {size.free / _MEGABYTE:,.0f} MB of its file are free, more than half: new lines fill them, "
        "and `slotgate ingest compact` gives them back to the disk"
    )
