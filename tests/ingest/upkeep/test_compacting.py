"""A telemetry file is rewritten into a smaller one: whole, with nothing lost, while it is used."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from ingest.errors import StoreError, StoreInUse, WorkStopped
from ingest.loading.load import load
from ingest.progress import HowFar, Unit, Work
from ingest.store import TelemetryStore
from ingest.store.events import record_event
from ingest.store.open_file import OpenFile
from ingest.upkeep.compacting import compact
from ingest.upkeep.owning import owned
from ingest.upkeep.room import Size, need_room, size_of
from tests.ingest.stored import cri, stored_jobs
from tests.ingest.upkeep.damaging import make_store
from tests.ingest.upkeep.test_copying import content, files_up_to, left_in

NOW = 1_795_280_400_123_456_000
ROWS = 500_000


@pytest.fixture(scope="module")
def mostly_free(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole row groups of it were deleted."""
    path = tmp_path_factory.mktemp("mostly_free") / "telemetry.duckdb"
    make_store(path, ROWS)
    with TelemetryStore.open(path) as store, store.transaction() as cursor:
        cursor.execute("DELETE FROM noise_sample WHERE line_offset >= 1000")
    return path


@pytest.fixture
def store(tmp_path: Path, mostly_free: Path) -> Iterator[TelemetryStore]:
    with TelemetryStore.open(Path(shutil.copy(mostly_free, tmp_path))) as opened:
        yield opened


def add(store: TelemetryStore, detail: str) -> None:
    with store.transaction() as cursor:
        record_event(cursor, NOW, "test", None, detail)


def details(store: TelemetryStore) -> list[str]:
    with store.cursor() as cursor:
        return [row[0] for row in cursor.execute("SELECT detail FROM ingest_event ORDER BY ALL").fetchall()]


def test_what_is_free_goes_back_and_every_row_stays(tmp_path: Path, store: TelemetryStore) -> None:
    size = size_of(store)
    assert size.free > size.used
    before = content(store)
    compacted = compact(store, NOW)
    assert compacted.before > 3 * compacted.after
    assert compacted.after <= store.path.stat().st_size < compacted.before
    assert compacted.rows == sum(map(len, before.values()))
    assert size_of(store).free == 0
    after = content(store)
    assert [kind for _, _, kind, *_ in after.pop("ingest_event")] == ["compacted"]
    assert after == {name: rows for name, rows in before.items() if name != "ingest_event"}
    store.close()
    assert left_in(tmp_path) == ["telemetry.duckdb"]
    assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("used", "free", "worth_it"),
    [(0, 100_000_000, False), (0, 100_000_001, True), (200_000_000, 200_000_000, False)],
)
def test_when_it_is_worth_it(used: int, free: int, worth_it: bool) -> None:
    assert Size(used, free).is_worth_compacting is worth_it


def is_owned(path: Path) -> bool:
    """Whether another process finds the file in use."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            with owned(path):
                code = 0
        except StoreInUse:
            code = 1
        finally:
            os._exit(code)
    return {0: False, 1: True}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


def test_the_store_goes_on_with_the_new_file(tmp_path: Path, store: TelemetryStore) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(cri(1, 2))
    load(store, [log], None)
    compact(store, NOW)
    log.write_bytes(cri(1, 2, 3))
    assert load(store, [log], None).accepted == 1
    compact(store, NOW)
    assert is_owned(store.path)
    store.close()
    assert not is_owned(store.path)
    with TelemetryStore.open(store.path) as opened:
        assert stored_jobs(opened) == ["job-1", "job-2", "job-3"]


def test_it_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path, store: TelemetryStore) -> None:
    told: list[HowFar] = []

    def stop(far: HowFar) -> None:
        told.append(far)
        if far.done:
            raise WorkStopped("enough")

    with pytest.raises(WorkStopped):
        compact(store, NOW, stop)
    assert {(far.work, far.unit) for far in told} == {(Work.COMPACT, Unit.ROWS)}
    assert left_in(tmp_path) == ["telemetry.duckdb"]
    add(store, "afterwards")
    assert details(store) == ["afterwards"]


def test_who_stores_something_waits_and_loses_nothing(store: TelemetryStore) -> None:
    with ThreadPoolExecutor(2) as threads:
        waiting: list[Future[None]] = []

        def meanwhile(far: HowFar) -> None:
            if not waiting:
                waiting.append(threads.submit(add, store, "meanwhile"))
                assert threads.submit(details, store).result(30) == []  # questions are answered
            assert not waiting[0].done()

        compact(store, NOW, meanwhile)
        waiting[0].result(30)
    assert "meanwhile" in details(store)


def test_who_asks_is_waited_for(store: TelemetryStore) -> None:
    asking = store.cursor()
    asking.execute("SELECT * FROM noise_sample")
    threading.Timer(0.8, asking.close).start()
    assert compact(store, NOW).rows > 1_000


def test_who_asks_without_a_break_keeps_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "any.duckdb"

    def connect() -> duckdb.DuckDBPyConnection:
        return duckdb.connect(path)

    file = OpenFile(path, connect(), connect)
    asking = file.connection()
    with pytest.raises(StoreInUse, match="asked without a break; try again"), file.let_go(0.0):
        pytest.fail("somebody asks")
    assert asking.execute("SELECT 1").fetchall() == file.connection().execute("SELECT 1").fetchall()
    assert is_owned(path)
    asking.close()
    with file.let_go():
        duckdb.connect(path, read_only=True).close()
    left = file.connection()
    file.close()
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        left.execute("SELECT 1")
    duckdb.connect(path, read_only=True).close()
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        file.connection()


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path, store: TelemetryStore) -> None:
    add(store, "before")
    with files_up_to(1 << 18), pytest.raises(StoreError, match="full; free some space"):
        compact(store, NOW)
    assert left_in(tmp_path) == ["telemetry.duckdb", "telemetry.duckdb.wal"]
    assert details(store) == ["before"]
    assert size_of(store).free > 0


def test_room_is_looked_for_beforehand(store: TelemetryStore) -> None:
    with pytest.raises(
        StoreError, match=r"needs \d+ MB in `/proc`, and 0 MB are free there; free some space"
    ):
        need_room(store, Path("/proc"))  # a file system without any room


def test_a_link_is_left_alone(tmp_path: Path, store: TelemetryStore) -> None:
    store.close()
    link = tmp_path / "link.duckdb"
    link.symlink_to(store.path)
    with TelemetryStore.open(link) as opened, pytest.raises(StoreError, match="is a link"):
        compact(opened, NOW)


def test_who_opened_a_file_just_before_it_went_finds_no_database(store: TelemetryStore) -> None:
    store.close()
    with store.path.open("rb") as waiting:
        with owned(store.path):
            store.path.unlink()
        assert waiting.read(4096) == bytes(4096)


def test_a_file_that_still_has_a_name_is_left_as_it_is(tmp_path: Path, store: TelemetryStore) -> None:
    store.close()
    before = store.path.read_bytes()
    kept = tmp_path / "kept.duckdb"
    kept.hardlink_to(store.path)
    with owned(store.path):
        store.path.unlink()
    assert kept.read_bytes() == before


def test_whenever_it_is_killed_one_whole_file_stands(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.ingest.upkeep.killing_compaction", str(tmp_path), "4")
    subprocess.run(command, check=True, timeout=100)
