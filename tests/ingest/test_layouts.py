"""Telemetry files of every layout since the first: what they hold is there after an update, once.

`layouts/N.sql` is what layout N added, as it was released. A file of that layout is made of it, and filled
with the rows that such a file had: those of today, as far as it had columns for them.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.history.controls import ControlHistory, read_history
from ingest.loading.load import load
from ingest.loading.summary import LoadSummary
from ingest.report.report import Selection, report
from ingest.store import TelemetryStore
from ingest.store.migrations import MIGRATIONS, VERSION
from tests.ingest.rollups.content import coarser, kept, recounted
from tests.ingest.stored import DATA
from tests.ingest.telemetry import line, line_v2

Said = tuple[dict[str, Any], list[tuple[object, ...]]]
LAYOUTS = Path(__file__).with_name("layouts")
CAPTURED = (DATA / "executor-a.cri.log").read_bytes()
PLACES = (
    "SELECT source_id, line_offset, record_index, job_id, step, revision FROM telemetry"
    " UNION ALL SELECT source_id, line_offset, record_index, cause, NULL, NULL FROM quarantine ORDER BY ALL"
)


def statements(layout: int) -> str:
    return (LAYOUTS / f"{layout}.sql").read_text(encoding="utf-8")


class Home:
    """Logs that are loaded in two goes; between them slotgate is updated."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "telemetry.duckdb"
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.history: ControlHistory = read_history(DATA / "executor-a.controls.jsonl")

    def write_first(self) -> None:
        half = len(CAPTURED) * 2 // 3
        (self.logs / "cri.log").write_bytes(CAPTURED[:half])  # ends in a line
        (self.logs / "raw.log").write_bytes(line(jobId="untimed") + b"\n" + line(jobId="") + b"\nnoise\n")
        (self.logs / "whole.log").write_bytes(b'{"error": {\n' + line(jobId="whole") + b"\n")

    def write_rest(self) -> None:
        (self.logs / "cri.log").write_bytes(CAPTURED)
        with (self.logs / "raw.log").open("ab") as file:
            file.write(line(jobId="later") + b"\n" + line_v2(jobId="claims") + b"\n")

    def load(self) -> LoadSummary:
        with TelemetryStore.open(self.path) as store:
            summary = load(store, [self.logs], self.history)
            assert summary.is_balanced
            return summary

    def says(self) -> Said:
        """The report, and where every record lies."""
        with TelemetryStore.open(self.path) as store, store.cursor() as cursor:
            counted = recounted(store)
            assert kept(store, "rollup_minute") == counted
            assert kept(store, "rollup_half_day") == coarser(counted, 720)
            return report(cursor, Selection()), cursor.execute(PLACES).fetchall()


@dataclass(frozen=True)
class Half:
    """A home whose logs were loaded once, as it is kept, and what it says after the second time."""

    home: Home
    kept: Path
    accepted: int
    never_updated: Said

    def restore(self) -> Home:
        """It stands where it stood, in the same files: the store knows logs by path and inode."""
        for one in self.kept.rglob("*.*"):
            place = self.home.path.parent / one.relative_to(self.kept)
            if place.read_bytes() != one.read_bytes():
                place.write_bytes(one.read_bytes())
        return self.home


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Half:
    folder = tmp_path_factory.mktemp("layouts")
    home = Home(folder / "home")
    home.write_first()
    first = home.load()
    shutil.copytree(folder / "home", folder / "kept")
    home.write_rest()
    home.load()
    return Half(home, folder / "kept", first.accepted, home.says())


def set_back(path: Path, layout: int) -> None:
    """Make the file at `path` one of that layout: only the tables and columns it had, and their rows."""
    old = path.with_name("old.duckdb")
    with duckdb.connect(old) as connection:
        connection.execute(
            "CREATE TABLE migration (version INTEGER NOT NULL, name VARCHAR NOT NULL,"
            " applied_at TIMESTAMPTZ NOT NULL)"
        )
        for version in range(1, layout + 1):
            connection.execute(statements(version))
        connection.execute(f"ATTACH '{path}' AS today (READ_ONLY)")
        columns = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'old'"
            " GROUP BY ALL"
        ).fetchall()
        for table, names in columns:
            listed = ", ".join(f'"{name}"' for name in names)
            where = f" WHERE version <= {layout}" if table == "migration" else ""
            connection.execute(f"DELETE FROM {table}")  # what its layout put in by itself
            connection.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM today.{table}{where}")
        connection.execute("DETACH today")
    old.replace(path)


@pytest.mark.parametrize("layout", range(1, VERSION + 1))
def test_a_home_of_every_layout_goes_on_where_it_was(half: Half, layout: int) -> None:
    home = half.restore()
    set_back(home.path, layout)
    home.write_rest()
    rest = home.load()
    assert [one.state for one in rest.sources] == ["grew", "grew", "unchanged"]
    assert rest.duplicate == half.accepted
    assert home.says() == half.never_updated


def test_what_was_released_is_what_is_on_record() -> None:
    """Never change a released layout: append one. What it adds goes into `layouts/N.sql`, its name first."""
    on_record = [statements(number) for number in range(1, len(list(LAYOUTS.glob("*.sql"))) + 1)]
    assert on_record == [f"-- {name}\n" + text.lstrip("\n") for name, text in MIGRATIONS]
