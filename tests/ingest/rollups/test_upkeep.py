"""Old homes get rollups with their next load; a long log is folded; a rebuild gives what was there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.loading.load import load
from ingest.rollups.folding import LONG
from ingest.rollups.log import count_stored
from ingest.rollups.rebuilding import rebuild_rollups
from ingest.rollups.upkeep import is_complete, settle_rollups
from ingest.store import TelemetryStore
from ingest.store.migrations import MIGRATIONS
from tests.ingest.rollups.content import kept, recounted, stored
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA

BEFORE = [name for name, _ in MIGRATIONS].index("rollups")
SINCE = "".join(statements for _, statements in MIGRATIONS[BEFORE:])
TABLES = re.findall(r"CREATE TABLE (\w+)", SINCE)
COLUMNS = re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", SINCE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        load(opened, [DATA / "executor-a.cri.log"], None)
        yield opened


def rows(store: TelemetryStore, query: str) -> list[tuple[object, ...]]:
    with store.cursor() as cursor:
        return cursor.execute(query).fetchall()


def test_an_old_home_is_counted_by_its_next_load(tmp_path: Path, store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE {table}")
        for table, column in COLUMNS:
            cursor.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        cursor.execute("DELETE FROM migration WHERE version > ?", [BEFORE])
    store.close()
    with open_store(tmp_path / "telemetry.duckdb") as opened:
        with opened.cursor() as cursor:
            assert not is_complete(cursor)
        load(opened, [], None)
        with opened.cursor() as cursor:
            assert is_complete(cursor)
        assert kept(opened, "rollup_minute") == recounted(opened)
        assert kept(opened, "rollup_minute").total() == 266
        said = rows(opened, "SELECT detail FROM ingest_event WHERE kind = 'rollups'")
        load(opened, [], None)
    assert said == [("266 records of an older home counted into rollups",)]


def test_a_new_home_is_complete_from_the_beginning(tmp_path: Path) -> None:
    with open_store(tmp_path / "new.duckdb") as opened, opened.cursor() as cursor:
        assert is_complete(cursor)


def test_a_log_that_has_become_long_is_folded_by_who_appends(store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        cursor.execute(f"INSERT INTO rollup_log SELECT l.* FROM (FROM rollup_log LIMIT 1) l, range({LONG})")
        count_stored(cursor, "true", {}, 1)
    assert rows(store, "SELECT count(*) FROM rollup_log") == [(0,)]
    rebuild_rollups(store)
    assert kept(store, "rollup_hour") == recounted(store, minutes=60)


def test_a_short_log_is_left_to_itself(store: TelemetryStore) -> None:
    before = rows(store, "FROM rollup_log ORDER BY ALL")
    settle_rollups(store)
    assert rows(store, "FROM rollup_log ORDER BY ALL") == before != []


def test_a_rebuild_repairs_whatever_was_done_to_the_tables(store: TelemetryStore) -> None:
    rebuild_rollups(store)
    before = stored(store)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM rollup_hour WHERE lines % 2 = 0")
        cursor.execute("UPDATE rollup_minute SET lines = lines + 1")
        cursor.execute("INSERT INTO rollup_log SELECT * FROM rollup_minute")
    assert rebuild_rollups(store) == 266
    assert stored(store) == before
