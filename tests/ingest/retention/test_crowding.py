"""Quarantine keeps so many records at most, the newest, and all that somebody may need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.retention.bound import HOUR_NS
from ingest.retention.crowding import delete_surplus
from ingest.store import TelemetryStore
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, cri
from tests.ingest.store_from_template import open_store

RECORDS = 10


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    """Ten broken records, one an hour, and as many whole ones."""
    log = tmp_path / "some.log"
    lines = [cri(Line(BASE_NS + hour * HOUR_NS, "job-1", "stub", "STUB", None, 7)) for hour in range(RECORDS)]
    log.write_text("".join(line + line.replace('"v1"', '"v9"', 1) for line in lines))
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        load(opened, [log], None)
        yield opened


@pytest.mark.parametrize(
    ("most", "needed_from", "kept"),
    [
        (RECORDS, RECORDS, 10),
        (RECORDS + 5, RECORDS, 10),
        (4, RECORDS, 4),
        (4, 3, 7),
        (0, RECORDS, 0),
        (4, 0, 10),
    ],
)
def test_the_oldest_go_as_far_as_nobody_needs_them(
    store: TelemetryStore, most: int, needed_from: int, kept: int
) -> None:
    with store.transaction() as cursor:
        gone = delete_surplus(cursor, BASE_NS + needed_from * HOUR_NS, most)
    assert gone.quarantined == RECORDS - kept
    with store.cursor() as cursor:
        found = cursor.execute("SELECT count(*), min(line_time_ns) FROM quarantine").fetchall()[0]
        assert found == (kept, BASE_NS + (RECORDS - kept) * HOUR_NS if kept else None)
        assert cursor.execute("SELECT count(*) FROM telemetry").fetchall() == [(RECORDS,)]


def test_a_load_afterwards_is_balanced_and_says_what_it_holds(store: TelemetryStore, tmp_path: Path) -> None:
    with store.transaction() as cursor:
        delete_surplus(cursor, BASE_NS + RECORDS * HOUR_NS, 4)
    with (tmp_path / "some.log").open("a") as file:
        file.write(cri(Line(BASE_NS, "job-2", "stub", "STUB", None, 7)))
    summary = load(store, [tmp_path / "some.log"], None)
    assert summary.is_balanced
    assert (summary.counts.quarantined, summary.accepted) == (RECORDS, 1)
