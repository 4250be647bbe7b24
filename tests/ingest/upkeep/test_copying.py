"""A copy of a telemetry store is whole, private and of one moment, or it is not there."""

import resource
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.errors import StoreDamaged, StoreError, WorkStopped
from ingest.loading.load import load
from ingest.progress import HowFar, Unit, Work
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.upkeep.copying import copy_store
from ingest.upkeep.draft_folder import draft_folder
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import DATA, cri, stored_jobs
from tests.ingest.upkeep.damaging import make_rows_unreadable, make_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TelemetryStore]:
    folder = tmp_path / "home"
    with open_store(folder / "telemetry.duckdb") as opened:
        load(opened, [DATA / "executor-a.cri.log"], None)
        yield opened


def content(store: TelemetryStore) -> dict[str, list[tuple[object, ...]]]:
    with store.cursor() as cursor:
        tables = cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return {name: cursor.execute(f"FROM {name} ORDER BY ALL").fetchall() for (name,) in tables}


def left_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size`: what a full disk looks like to it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_copy_holds_every_row_and_goes_on_counting(tmp_path: Path, store: TelemetryStore) -> None:
    with store.transaction() as cursor:
        for _ in range(3):
            record_event(cursor, 1, "test", None, "before")
    copied = copy_store(store, tmp_path / "it's a copy.duckdb")
    assert copied.path.stat().st_mode & 0o777 == 0o600
    assert copied.size == copied.path.stat().st_size
    assert copied.rows["telemetry"] == 266
    before = content(store)
    assert {name: len(rows) for name, rows in before.items()} == copied.rows
    with TelemetryStore.open(copied.path) as copy:
        assert content(copy) == before
        for one in (store, copy):
            with one.transaction() as cursor:
                record_event(cursor, 2, "test", None, "after")
        assert content(copy)["ingest_event"] == content(store)["ingest_event"] != before["ingest_event"]
    assert left_in(tmp_path) == ["home", "it's a copy.duckdb"]


def test_what_is_loaded_meanwhile_is_in_the_store_and_not_in_the_copy(
    tmp_path: Path, store: TelemetryStore
) -> None:
    log = tmp_path / "more.log"
    log.write_bytes(cri(*range(40)))
    before = stored_jobs(store)

    def loading(far: HowFar) -> None:
        if far.at == "telemetry":
            load(store, [log], None)

    copied = copy_store(store, tmp_path / "copy.duckdb", loading)
    with TelemetryStore.open_for_reading(copied.path) as copy:
        assert stored_jobs(copy) == before
    assert len(stored_jobs(store)) == len(before) + 40


def test_it_tells_how_far_it_is(tmp_path: Path, store: TelemetryStore) -> None:
    told: list[HowFar] = []
    copied = copy_store(store, tmp_path / "copy.duckdb", told.append, Work.BACKUP)
    total = sum(copied.rows.values())
    assert [far.done for far in told] == sorted(far.done for far in told)
    assert {(far.work, far.total, far.unit) for far in told} == {(Work.BACKUP, total, Unit.ROWS)}
    assert told[-1].done == total


def test_what_is_there_stays(tmp_path: Path, store: TelemetryStore) -> None:
    target = tmp_path / "copy.duckdb"
    target.write_bytes(b"mine")
    with pytest.raises(StoreError, match="is there already; move it away"):
        copy_store(store, target)
    assert target.read_bytes() == b"mine"
    assert left_in(tmp_path) == ["copy.duckdb", "home"]


def test_a_copy_that_is_stopped_leaves_nothing(tmp_path: Path, store: TelemetryStore) -> None:
    def stop(far: HowFar) -> None:
        if far.done:
            raise WorkStopped("enough")

    with pytest.raises(WorkStopped):
        copy_store(store, tmp_path / "copy.duckdb", stop)
    assert left_in(tmp_path) == ["home"]
    assert copy_store(store, tmp_path / "copy.duckdb").rows["telemetry"] == 266


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path, store: TelemetryStore) -> None:
    with files_up_to(1 << 19), pytest.raises(StoreError, match="full; free some space"):
        copy_store(store, tmp_path / "copy.duckdb")
    assert left_in(tmp_path) == ["home"]
    assert len(stored_jobs(store)) == 266


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, store: TelemetryStore) -> None:
    with pytest.raises(StoreError, match="cannot be made: no such file or directory; make its folder"):
        copy_store(store, tmp_path / "nowhere" / "copy.duckdb")


def test_rows_that_cannot_be_read_are_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.duckdb"
    make_store(path)
    make_rows_unreadable(path)
    with TelemetryStore.open(path) as store, pytest.raises(StoreDamaged, match=f"`{path}` is damaged"):
        copy_store(store, tmp_path / "copy.duckdb")
    assert left_in(tmp_path) == ["telemetry.duckdb"]


def test_what_killed_processes_left_goes_and_what_others_hold_stays(
    tmp_path: Path, store: TelemetryStore
) -> None:
    target = tmp_path / "copy.duckdb"
    with draft_folder(target) as held:
        left = held.with_name(f"{held.name}-left")
        shutil.copytree(held, left)
        (left / "copy.duckdb").write_bytes(b"half of it")
        with ThreadPoolExecutor(1) as another:
            another.submit(copy_store, store, target).result()
        assert held.is_dir()
        assert not left.exists()


def test_a_question_that_looks_through_the_catalog_only_holds_it_up(
    tmp_path: Path, store: TelemetryStore
) -> None:
    asking = store.cursor()

    def look(far: HowFar) -> None:
        if far.done == far.total:
            asking.execute("BEGIN")
            asking.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
            threading.Timer(0.2, asking.close).start()

    assert copy_store(store, tmp_path / "copy.duckdb", look).rows["telemetry"] == 266


def test_two_at_once_make_two_copies(tmp_path: Path, store: TelemetryStore) -> None:
    targets = [tmp_path / f"{number}.duckdb" for number in range(2)]
    with ThreadPoolExecutor(2) as threads:
        copies = list(threads.map(lambda target: copy_store(store, target), targets))
    assert copies[0].rows == copies[1].rows
    assert left_in(tmp_path) == ["0.duckdb", "1.duckdb", "home"]
