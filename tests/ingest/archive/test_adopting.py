"""After the telemetry file was begun afresh: files of the archive come back on record, and no row twice."""

import shutil
from pathlib import Path

import pytest

from ingest.archive.adopting import Adopted, adopt
from ingest.archive.part import Kind, name_of
from ingest.loading.load import load
from ingest.store import TelemetryStore
from schemas.instant import epoch_ns
from tests.ingest.archive.worlds import NOW_NS, Written, filled, moved, of_month, reported
from tests.ingest.retention.journals import journal
from tests.ingest.store_from_template import open_store

MONTH = "2026-09"
WORLD: list[tuple[str | None, list[Written]]] = [
    (None, [Written(n % 10, n, f"2026-09-{1 + n:02}T10:00:00Z") for n in range(20)]),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive, whose telemetry file is gone."""
    folder = tmp_path_factory.mktemp("world")
    with filled(folder, WORLD) as store:
        moved(store, folder / "archive", of_month(MONTH), MONTH)
    (folder / "telemetry.duckdb").unlink()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def adopted(store: TelemetryStore, folder: Path) -> tuple[Adopted, ...]:
    return adopt(store, folder / "archive", lambda: NOW_NS)


def test_files_whose_rows_stand_nowhere_come_back(folder: Path) -> None:
    with open_store(folder / "telemetry.duckdb") as store:
        assert reported(store, folder / "archive")["archive"]["unrecorded"] != []
        assert [(one.rows, one.why_not) for one in adopted(store, folder)] == [
            (8, None),
            (2, None),
            (18, None),
        ]
        found = reported(store, folder / "archive")
        assert (found["totals"]["lines"], found["quarantine"]["count"]) == (18, 2)
        assert sum(one["lines"] for one in found["gate_audit"]["findings"] if one["code"] == "CONTRACT") > 0
        assert found["archive"]["unrecorded"] == []
        assert adopted(store, folder) == ()


def test_lines_that_were_read_again_are_not_counted_twice(made: Path, folder: Path) -> None:
    with open_store(folder / "telemetry.duckdb") as store:
        lines_again = b"".join((made / "0.log").read_bytes().splitlines(True)[:6])
        (made / "0.log").write_bytes(lines_again)  # under its own name: the file tells no other
        load(store, [made / "0.log"], None)
        lines = adopted(store, folder)[-1]
        assert (lines.rows, lines.why_not) == (18, "5 of its 18 rows are stored or archived already")
        assert reported(store, folder / "archive")["totals"]["lines"] == 5


def test_a_copy_under_another_name_and_what_is_no_archive_stay_out(folder: Path) -> None:
    archive = folder / "archive"
    with open_store(folder / "telemetry.duckdb") as store:
        adopted(store, folder)
        whole = archive / name_of(Kind.TELEMETRY, MONTH, 1)
        (archive / name_of(Kind.TELEMETRY, MONTH, 2)).write_bytes(whole.read_bytes())
        (archive / name_of(Kind.TELEMETRY, MONTH, 3)).write_bytes(whole.read_bytes()[:-50])
        with store.cursor() as cursor:
            foreign = archive / name_of(Kind.QUARANTINE, None, 1)
            cursor.execute(f"COPY (SELECT 1 AS one) TO '{foreign}' (FORMAT parquet)")
        (archive / name_of(Kind.FINDINGS, MONTH, 4)).mkdir()
        assert {one.name: one.why_not for one in adopted(store, folder)} == {
            foreign.name: "it is no file of the form archive.v1",
            name_of(Kind.TELEMETRY, MONTH, 2): "18 of its 18 rows are stored or archived already",
            name_of(Kind.TELEMETRY, MONTH, 3): "it is no whole file of an archive",
            name_of(Kind.FINDINGS, MONTH, 4): "it is no whole file of an archive",
        }
        assert reported(store, archive)["totals"]["lines"] == 18


def test_nothing_is_adopted_beside_a_part_that_is_missing(folder: Path) -> None:
    archive = folder / "archive"
    lines = archive / name_of(Kind.TELEMETRY, MONTH, 1)
    with open_store(folder / "telemetry.duckdb") as store:
        away = folder / "away.parquet"
        assert [one.why_not for one in adopted(store, folder)] == [None] * 3
        lines.rename(away)
        other = archive / name_of(Kind.TELEMETRY, MONTH, 2)
        with store.cursor() as cursor:
            cursor.execute(
                f"COPY (FROM read_parquet('{away}') LIMIT 3) TO '{other}' "
                "(FORMAT parquet, KV_METADATA {slotgate: 'archive.v1'})"
            )
        [left] = adopted(store, folder)
        assert left.why_not == f"`{lines.name}` is missing, which may hold the same rows; put that back first"
        away.rename(lines)
        [left] = adopted(store, folder)
        assert left.why_not == "3 of its 3 rows are stored or archived already"


def test_an_export_of_what_came_back_is_not_counted_again(tmp_path: Path) -> None:
    at_ns = epoch_ns("2026-09-10T10:00:00Z") or 0
    export = b"".join(journal(n, at_ns + n * 10**9) for n in range(5))
    (tmp_path / "first").write_bytes(export)
    (tmp_path / "second").write_bytes(b"noise\n" + export + journal(9, NOW_NS))
    path = tmp_path / "telemetry.duckdb"
    with open_store(path) as store:
        load(store, [tmp_path / "first"], None)
        moved(store, tmp_path / "archive", of_month(MONTH), MONTH)
    path.unlink()
    with open_store(path) as store:
        assert [one.why_not for one in adopt(store, tmp_path / "archive", lambda: NOW_NS)] == [None]
        summary = load(store, [tmp_path / "second"], None)
        assert (summary.accepted, summary.duplicate, summary.taken_for_gone) == (1, 5, 5)
        assert reported(store, tmp_path / "archive")["totals"]["lines"] == 6
