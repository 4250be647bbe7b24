"""A file of the archive: private, whole before it is on record, nobody's where its transaction ends early."""

import resource
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.archive.column_names import OF_CLAIMS, OF_FINDINGS, OF_QUARANTINE, OF_TELEMETRY
from ingest.archive.keeping import ArchiveKeeping
from ingest.archive.leftovers import take_away_leftovers
from ingest.archive.looking import Depth, look
from ingest.archive.part import Kind, Part, kind_of, name_of, parts
from ingest.archive.writing import write_parts
from ingest.errors import ArchiveError
from ingest.store import TelemetryStore
from tests.ingest.archive.worlds import NOW_NS, Written, copied, filled, moved, of_month, reported

MONTH = "2026-09"
CONDITION = of_month(MONTH)
WORLD: list[tuple[str | None, list[Written]]] = [
    ("calm", [Written(n % 10, n, f"2026-09-{1 + n:02}T10:00:00Z") for n in range(20)]),
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


def torn(store: TelemetryStore, folder: Path) -> None:
    """As where the process is killed before the commit."""
    with store.cursor() as cursor:
        cursor.execute("BEGIN")
        write_parts(cursor, CONDITION, {}, folder, MONTH, NOW_NS)
        cursor.execute("ROLLBACK")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_never_came_on_record_counts_nowhere_and_goes(
    store: TelemetryStore, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    before = reported(store, archive)
    torn(store, archive)
    (archive / ".telemetry-2026-09-2.parquet.draft").write_bytes(b"half")
    left = names(archive)
    (archive / ".notes.draft").write_bytes(b"somebody's")
    with store.cursor() as cursor:
        assert parts(cursor) == ()
        assert look(cursor, archive, Depth.SIZE).unrecorded == tuple(left[1:])
    assert reported(store, archive)["totals"] == before["totals"]
    keeping = ArchiveKeeping(archive, lambda: NOW_NS)
    cut = archive / name_of(Kind.TELEMETRY, "2026-08", 1)
    cut.write_bytes((archive / left[-1]).read_bytes()[:-20])
    with store.transaction() as cursor:
        keeping.keep(cursor, CONDITION, {}, MONTH)
    assert names(archive) == sorted([*left[1:], cut.name, ".notes.draft"])
    with store.cursor() as cursor:
        assert look(cursor, archive, Depth.EVERY_BYTE).missing == ()
        assert sorted(one.name for one in parts(cursor)) == left[1:]


def test_a_file_whose_rows_stand_nowhere_else_is_left_alone(store: TelemetryStore, tmp_path: Path) -> None:
    """As where the telemetry file was set aside, or one from before was restored."""
    archive = tmp_path / "archive"
    moved(store, archive, CONDITION, MONTH)
    (archive / "telemetry-2026-09-9.parquet").write_bytes(b"no Parquet at all")
    before = names(archive)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM archive_part")
        assert take_away_leftovers(cursor, archive) == ()
    assert names(archive) == before


def test_what_lies_there_is_never_replaced(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o700)
    for kind in Kind:
        (archive / name_of(kind, MONTH, 1)).write_bytes(b"somebody's")
    written = moved(store, archive, CONDITION, MONTH)
    assert {one.name for one in written} == {name_of(one.kind, MONTH, 2) for one in written}
    assert (archive / name_of(Kind.TELEMETRY, MONTH, 1)).read_bytes() == b"somebody's"


def test_a_full_disk_leaves_every_row_where_it_is(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    before = reported(store, archive)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(ArchiveError, match="free some space"), store.transaction() as cursor:
            write_parts(cursor, CONDITION, {}, archive, MONTH, NOW_NS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(archive) == []
    assert reported(store, archive) == before


def test_a_folder_with_any_name_holds_an_archive(store: TelemetryStore, tmp_path: Path) -> None:
    archive = tmp_path / "it's [1] of *? {a,b}" / "archive"
    (tmp_path / "it's 1 of *? {a,b}").mkdir()
    before = reported(store, archive)["totals"]
    moved(store, archive, CONDITION, MONTH)
    assert reported(store, archive)["totals"] == before


def test_the_columns_are_those_of_the_tables(store: TelemetryStore) -> None:
    """A column that a table gets later has to go into the files, too."""

    def columns(table: str) -> tuple[str, ...]:
        query = "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
        with store.cursor() as cursor:
            return tuple(row[0] for row in cursor.execute(query, [table]).fetchall())

    assert columns("telemetry") == OF_TELEMETRY
    assert columns("quarantine") == OF_QUARANTINE
    assert columns("gate_finding") == OF_FINDINGS
    assert columns("line_claim")[3:] == OF_CLAIMS
    assert columns("archive_part") == tuple(Part.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("telemetry-2026-09-1.parquet", Kind.TELEMETRY),
        ("gate-findings-untimed-12.parquet", Kind.FINDINGS),
        ("telemetry-2026-09-1.parquet.draft", None),
        ("telemetry-2026-9-1.parquet", None),
        ("../telemetry-2026-09-1.parquet", None),
        ("rows-2026-09-1.parquet", None),
    ],
)
def test_a_part_is_told_by_its_name(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


def test_a_file_is_readable_by_itself(store: TelemetryStore, made: Path, tmp_path: Path) -> None:
    [telemetry, *_] = moved(store, tmp_path / "archive", CONDITION, MONTH)
    rows = duckdb.read_parquet(str(tmp_path / "archive" / telemetry.name))
    assert rows.columns[: len(OF_TELEMETRY)] == list(OF_TELEMETRY)
    [first] = rows.filter("line_time_ns = 1788256800000000000").fetchall()
    held = dict(zip(rows.columns, first, strict=True))
    assert (held["job_id"], held["trust"], held["source"]) == ("job-0", "imported", str(made / "0.log"))
    assert (held["step"], held["claimed_attempt"]) == ("canary-5", None)
