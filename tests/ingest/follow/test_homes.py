"""Homes that were copied, and homes of an earlier layout: what was read of them is not read again."""

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest.runs.taking_in import take_in_runs
from ingest.store import TelemetryStore
from ingest.store.migrations import MIGRATIONS
from tests.ingest.follow.following import following, jobs
from tests.ingest.runs.test_runs import RUN
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import cri

# As the layout was before: neither `via` nor `tail`, and a size of -1 while a load was under way.
LATER = re.findall(r"CREATE TABLE (\w+)", "".join(statements for _, statements in MIGRATIONS[5:]))
BEFORE = f"""
ALTER TABLE source_file DROP COLUMN via;
ALTER TABLE spec_file DROP COLUMN tail;
ALTER TABLE run_file DROP COLUMN tail;
ALTER TABLE source DROP COLUMN beginnings;
DROP TABLE ingest_gap;
{"".join(f"DROP TABLE {table};" for table in LATER)}
UPDATE source_file SET size = -1 WHERE path LIKE '%half.log';
DELETE FROM migration WHERE version >= 5;
"""


def runs_of(path: Path, *numbers: int) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.writelines(json.dumps({**RUN, "run": str(number)}) + "\n" for number in numbers)


def stored_runs(store: TelemetryStore) -> list[str]:
    with store.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT run_id FROM exec_run ORDER BY run_id").fetchall()]


def as_before(folder: Path) -> None:
    with duckdb.connect(folder / "home" / "telemetry.duckdb") as connection:
        connection.execute(BEFORE)


def test_a_home_of_the_layout_before_goes_on(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    for name in ("whole.log", "half.log"):
        (spool / name).write_bytes(cri(len(name)))
    runs_of(tmp_path / "runs" / "a.jsonl", 1, 2)
    with following(tmp_path, spool, spool=spool) as follower:
        follower.jobs()
        take_in_runs(follower.store, tmp_path / "runs")
    as_before(tmp_path)
    for name in ("whole.log", "half.log"):
        with (spool / name).open("ab") as file:
            file.write(cri(10 * len(name)))
    runs_of(tmp_path / "runs" / "a.jsonl", 3)
    with following(tmp_path, spool, spool=spool) as follower:
        assert follower.jobs() == jobs(8, 9, 80, 90)
        take_in_runs(follower.store, tmp_path / "runs")
        assert stored_runs(follower.store) == ["1", "2", "3"]
        assert follower.poll().summary.gaps == ()


@pytest.mark.parametrize("way", [shutil.copytree, shutil.move])
def test_runs_of_a_copied_home_are_not_taken_in_again(tmp_path: Path, way: object) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    runs_of(first / "a.jsonl", 1, 2)
    with open_store(tmp_path / "telemetry.duckdb") as store:
        take_in_runs(store, first)
        assert callable(way)
        way(first, second)
        runs_of(second / "a.jsonl", 3)
        take_in_runs(store, second)
        with store.cursor() as cursor:
            assert cursor.execute("SELECT accepted FROM run_file").fetchall() == [(3,)]
        runs_of(second / "b.jsonl", 3, 4)
        take_in_runs(store, second)
        assert stored_runs(store) == ["1", "2", "3", "4"]
        (second / "a.jsonl").write_text("")
        runs_of(second / "a.jsonl", 5, 6, 7, 8)
        take_in_runs(store, second)
        assert stored_runs(store) == ["1", "2", "3", "4", "5", "6", "7", "8"]
