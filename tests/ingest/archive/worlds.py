"""Small telemetry stores with all that a report counts, and how their rows go to the archive."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ingest.archive.part import Part
from ingest.archive.writing import write_parts
from ingest.history.controls import read_history
from ingest.instants import rfc3339
from ingest.loading.load import load
from ingest.report.report import Selection, report
from ingest.store import TelemetryStore
from schemas.instant import epoch_ns
from tests.ingest.store_from_template import open_store
from tests.ingest.telemetry import line, line_v2

MONTHS = ("2026-08", "2026-09", "2026-10")
NOW_NS = epoch_ns("2026-11-21T12:00:00Z") or 0
HISTORIES: dict[str, list[tuple[str, str | None, str | None, str | None]]] = {
    "calm": [("2026-08-03T00:00:00Z", "true", None, "5"), ("2026-09-15T00:00:00Z", "true", None, "10")],
    "kills": [
        ("2026-08-20T00:00:00Z", "true", None, "100"),
        ("2026-09-10T00:00:00Z", "true", "true", "100"),
        ("2026-09-20T00:00:00Z", None, None, None),
    ],
}
RECORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("v1", {}),
    ("v1", {"errorCode": None}),
    ("v1", {"path": "openai", "status": "COMPLETED", "errorCode": None, "latencyMs": 812.25}),
    ("v1", {"path": "openai", "status": "FAILED", "errorCode": "OPENAI_HTTP_ERROR", "latencyMs": 90_000_000}),
    ("v1", {"path": "openai", "status": "STUB", "errorCode": "KILL_SWITCH"}),  # cannot be true
    ("v1", {"executorVersion": "other.v2", "errorCode": "ROLLOUT_EXCLUDED"}),
    ("v1", {"path": "openai", "latencyMs": -1}),  # quarantined, and says openai
    ("v2", {}),
    ("v2", {"attempt": 3, "model": "o9", "usage": None}),
    ("v2", {"bucket": 7, "latencyMs": 3}),
)


@dataclass(frozen=True)
class Written:
    """A line of a log: which record, of which job, when (null: without a time)."""

    record: int
    job: int
    at: str | None

    def text(self) -> bytes:
        kind, changes = RECORDS[self.record]
        made = (line if kind == "v1" else line_v2)(jobId=f"job-{self.job}", **changes)
        return made + b"\n" if self.at is None else f"{self.at} stderr F ".encode() + made + b"\n"


def _moment(day: int, second: int) -> str:
    return rfc3339((epoch_ns("2026-08-01T00:00:00Z") or 0) + (day * 86_400 + second) * 10**9)


MOMENTS = st.builds(_moment, st.integers(0, 91), st.sampled_from([0, 1, 43_200, 86_399]))
LINES = st.lists(
    st.builds(Written, st.integers(0, len(RECORDS) - 1), st.integers(0, 6), st.none() | MOMENTS | MOMENTS),
    min_size=1,
    max_size=25,
)
LOGS = st.lists(st.tuples(st.sampled_from([None, *HISTORIES]), LINES), min_size=1, max_size=3)


def filled(folder: Path, logs: list[tuple[str | None, list[Written]]]) -> TelemetryStore:
    """A store in `folder` that loaded each log with its control history."""
    store = open_store(folder / "telemetry.duckdb")
    for number, (history, lines) in enumerate(logs):
        log = folder / f"{number}.log"
        log.write_bytes(f"log {number}\n".encode() + b"".join(one.text() for one in lines))
        load(store, [log], None if history is None else read_history(history_file(folder, history)))
    return store


def copied(made: Path, folder: Path) -> TelemetryStore:
    """A copy, in `folder`, of a store that `filled` made and that is closed: a tenth of making one."""
    shutil.copyfile(made / "telemetry.duckdb", folder / "telemetry.duckdb")
    return open_store(folder / "telemetry.duckdb")


def history_file(folder: Path, name: str) -> Path:
    """A control history in the field's shape."""
    path = folder / f"{name}.jsonl"
    documents = [
        {
            "at": at,
            "FEATURE_SLOTGEN_AI": feature,
            "SLOTGEN_AI_KILL": kill,
            "SLOTGEN_AI_ROLLOUT_PERCENT": percent,
            "allowlist": "on",
        }
        for at, feature, kill, percent in HISTORIES[name]
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return path


def moved(store: TelemetryStore, folder: Path, condition: str, month: str | None) -> tuple[Part, ...]:
    """Take rows into the archive, as retention does."""
    with store.transaction() as cursor:
        parts = write_parts(cursor, condition, {}, folder, month, NOW_NS)
        cursor.execute(
            "DELETE FROM line_claim WHERE (source_id, line_offset, record_index) IN "
            f"(SELECT (source_id, line_offset, record_index) FROM telemetry WHERE {condition})"
        )
        for table in ("telemetry", "quarantine", "gate_finding"):
            cursor.execute(f"DELETE FROM {table} WHERE {condition}")
    return parts


def of_month(month: str | None) -> str:
    """The condition that chooses a month's rows."""
    if month is None:
        return "line_time_ns IS NULL"
    begin = epoch_ns(f"{month}-01T00:00:00Z") or 0
    year, number = int(month[:4]), int(month[5:])
    end = epoch_ns(f"{year + number // 12}-{number % 12 + 1:02}-01T00:00:00Z") or 0
    return f"line_time_ns >= {begin} AND line_time_ns < {end}"


def reported(
    store: TelemetryStore, archive: Path | None, selection: Selection | None = None
) -> dict[str, Any]:
    """The document of the report."""
    with store.cursor() as cursor:
        return report(cursor, selection or Selection(), archive)


def without_archive(document: dict[str, Any]) -> str:
    """The document byte for byte, but for what it says of the archive."""
    return json.dumps({key: value for key, value in document.items() if key != "archive"})
