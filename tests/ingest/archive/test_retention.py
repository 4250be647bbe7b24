"""Retention that archives: rows leave the tables for files of their month, and a report says what it said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.archive.keeping import ArchiveKeeping
from ingest.archive.part import Kind, parts
from ingest.errors import ArchiveError, WorkStopped
from ingest.gate_audit import bring_up
from ingest.loading.load import load
from ingest.retention.run import Order, retain
from ingest.store import TelemetryStore
from tests.ingest.archive.worlds import NOW_NS, Written, copied, filled, reported, without_archive

WORLD: list[tuple[str | None, list[Written]]] = [
    ("kills", [Written(n % 10, n % 7, f"2026-08-{1 + n % 28:02}T10:00:00Z") for n in range(60)]),
    ("calm", [Written(n % 10, n % 5, f"2026-09-{1 + n % 28:02}T10:00:00Z") for n in range(60)]),
    (None, [Written(0, n, f"2026-11-{1 + n:02}T10:00:00Z") for n in range(20)]),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that world."""
    folder = tmp_path_factory.mktemp("world")
    filled(folder, WORLD).close()
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Iterator[TelemetryStore]:
    with copied(made, tmp_path) as opened:
        yield opened


def clock() -> int:
    return NOW_NS


def archive_all(store: TelemetryStore, folder: Path, rows_at_once: int, month: str | None = None) -> int:
    order = Order(days=30, trusts_clock=True, month=month)
    return retain(store, order, clock, ArchiveKeeping(folder, clock, rows_at_once)).deleted.rows


def parts_of(store: TelemetryStore) -> list[tuple[Kind, str | None, int]]:
    with store.cursor() as cursor:
        return [(one.kind, one.month, one.rows) for one in parts(cursor)]


def test_whole_months_go_in_parts_and_the_report_stays(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    before = reported(store, archive)
    assert archive_all(store, archive, rows_at_once=20, month="2026-09") == 60
    assert {month for _, month, _ in parts_of(store)} == {"2026-09"}
    assert archive_all(store, archive, rows_at_once=1_000) == 60
    assert archive_all(store, archive, rows_at_once=1_000) == 0
    found = parts_of(store)
    assert [one for one in found if one[1] == "2026-08"] == [
        (Kind.TELEMETRY, "2026-08", 54),
        (Kind.QUARANTINE, "2026-08", 6),
        *[one for one in found if one[:2] == (Kind.FINDINGS, "2026-08")],
    ]
    assert len([one for one in found if one[:2] == (Kind.TELEMETRY, "2026-09")]) > 2
    after = reported(store, archive)
    assert without_archive(after) == without_archive(before)
    assert after["archive"]["lines"] == 108
    [(said,)] = store.cursor().execute("SELECT said FROM retention_state").fetchall()
    assert said == "no row of before 2026-10-01 archived; 30 days are kept"
    [(left,)] = store.cursor().execute("SELECT count(*) FROM telemetry").fetchall()
    assert left == 20


def test_a_pass_tells_how_far_it_is_and_may_be_ended_between_parts(
    store: TelemetryStore, tmp_path: Path
) -> None:
    archive, told = tmp_path / "archive", []

    def tell(month: str, done: int, total: int) -> None:
        told.append((month, done, total))
        if len(told) == 2:
            raise WorkStopped("enough for now")

    before = reported(store, archive)
    order = Order(days=30, trusts_clock=True)
    with pytest.raises(WorkStopped):
        retain(store, order, clock, ArchiveKeeping(archive, clock, 20), tell=tell)
    assert told == [("2026-08", 0, 120), ("2026-08", told[1][1], 120)]
    assert 0 < told[1][1] <= 20
    assert archive_all(store, archive, rows_at_once=20) == 120 - told[1][1]
    assert without_archive(reported(store, archive)) == without_archive(before)


def test_lines_that_come_late_make_a_second_part(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive_all(store, archive, rows_at_once=1_000)
    before = reported(store, archive)
    (tmp_path / "late.log").write_bytes(Written(1, 99, "2026-08-09T00:00:00Z").text())
    load(store, [tmp_path / "late.log"], None)
    assert archive_all(store, archive, rows_at_once=1_000) == 1
    after = reported(store, archive)
    assert after["totals"]["lines"] == before["totals"]["lines"] + 1
    assert (Kind.TELEMETRY, "2026-08", 1) in parts_of(store)


def test_lines_that_the_gate_audit_has_not_seen_stay(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    before = reported(store, archive)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM gate_mark WHERE source_id = 1")
        cursor.execute("DELETE FROM gate_finding WHERE source_id = 1")
    assert archive_all(store, archive, rows_at_once=1_000) == 60
    bring_up(store)
    assert archive_all(store, archive, rows_at_once=1_000) == 60
    assert without_archive(reported(store, archive)) == without_archive(before)


def test_where_the_archive_cannot_be_written_no_row_goes(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(b"in the way")
    before = reported(store, None)
    with pytest.raises(ArchiveError, match="cannot be listed: not a directory"):
        archive_all(store, archive, rows_at_once=1_000)
    assert parts_of(store) == []
    assert reported(store, None) == before
    assert archive.read_bytes() == b"in the way"
