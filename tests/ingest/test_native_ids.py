"""The transport's own id names a record, wherever it is found: held once, and never hides another."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.store import TelemetryStore
from tests.ingest.several import cloudwatch, event, job
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import record, stored_jobs


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        yield opened


def loaded(store: TelemetryStore, path: Path, data: bytes) -> tuple[int, int, int]:
    """What became of the records of a file: accepted, duplicate, quarantined."""
    path.write_bytes(data)
    summary = load(store, [path], None)
    assert summary.is_balanced
    return summary.accepted, summary.duplicate, summary.counts.quarantined


def events(*numbers: int) -> bytes:
    return cloudwatch(*(event(record(n), n) for n in numbers))


def journal(cursor: str, message: str) -> bytes:
    entry = {"__CURSOR": cursor, "__REALTIME_TIMESTAMP": "1795227774084715", "MESSAGE": message}
    return json.dumps(entry).encode() + b"\n"


def test_an_event_that_was_exported_twice_is_held_once_wherever_it_stands(
    store: TelemetryStore, tmp_path: Path
) -> None:
    assert loaded(store, tmp_path / "a", events(0, 1, 2)) == (3, 0, 0)
    again = gzip.compress(events(2)) + gzip.compress(events(3, 1))
    assert loaded(store, tmp_path / "b.gz", again) == (1, 2, 0)
    assert loaded(store, tmp_path / "c", events(4, 4) + events(4)) == (1, 2, 0)
    assert stored_jobs(store) == [f"job-{n}" for n in range(5)]


def test_the_records_of_one_event_are_told_apart_also_where_they_are_alike(
    store: TelemetryStore, tmp_path: Path
) -> None:
    glued = event(record(7) + record(7) + record(8), 1)
    assert loaded(store, tmp_path / "a", cloudwatch(event(record(0)), glued)) == (4, 0, 0)
    assert loaded(store, tmp_path / "b", cloudwatch(glued, event(record(9), 2))) == (1, 3, 0)
    with store.cursor() as cursor:
        found = cursor.execute(
            "SELECT native_id, record_index FROM telemetry ORDER BY source_id, record_index"
        ).fetchall()
    assert found[:4] == [("e0", 0), ("e1", 1), ("e1#1", 2), ("e1#2", 3)]


def test_an_id_that_repeats_hides_nothing(store: TelemetryStore, tmp_path: Path) -> None:
    same = [event(record(n), 0) for n in (1, 2)]
    broken = [event(job("", path=path), 0) for path in ("stub", "openai")]
    assert loaded(store, tmp_path / "a", cloudwatch(*same, *broken)) == (2, 0, 2)
    assert loaded(store, tmp_path / "b", cloudwatch(event(record(3), 0), *broken)) == (1, 2, 0)
    assert stored_jobs(store) == ["job-1", "job-2", "job-3"]


def test_lines_that_an_earlier_slotgate_stored_are_known(store: TelemetryStore, tmp_path: Path) -> None:
    line = journal("s=1", record(1) + "x" + record(2))
    assert loaded(store, tmp_path / "a", line) == (2, 0, 0)
    with store.transaction() as cursor:  # as it was before further records had ids of their own
        cursor.execute("UPDATE telemetry SET native_id = 's=1'")
    assert loaded(store, tmp_path / "b", b"other\n" + line) == (0, 2, 0)
    assert loaded(store, tmp_path / "c", journal("s=2", record(1))) == (1, 0, 0)


def test_a_file_of_one_line_that_grows_is_counted_once(store: TelemetryStore, tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert loaded(store, path, events(0, 1)) == (2, 0, 0)
    assert loaded(store, path, events(0, 1) + events(2)) == (1, 2, 0)
    assert loaded(store, path, events(0, 1) + events(2) + b"\n" + events(3)) == (1, 3, 0)
    assert stored_jobs(store) == [f"job-{n}" for n in range(4)]


def test_a_file_without_a_newline_goes_on_behind_the_last_object_that_ended(
    store: TelemetryStore, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    first = b"".join(cloudwatch(event("x" * 90_000), event(record(n), n)) for n in range(30))
    assert loaded(store, path, first) == (30, 0, 0)
    with store.cursor() as cursor:
        found = cursor.execute('SELECT checkpoint."offset", ending."offset" FROM source').fetchall()
    [(checkpoint, ending)] = found
    assert ending == len(first)
    assert first[checkpoint:].startswith(b'{"messageType"')
    assert 2 << 20 < checkpoint < ending
    assert loaded(store, path, first + events(30, 31)) == (2, 30, 0)
    assert stored_jobs(store) == sorted(f"job-{n}" for n in range(32))
