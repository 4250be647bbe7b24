"""A telemetry file that is removed or replaced while it is open takes in nothing more, and says so."""

from pathlib import Path

import pytest

from ingest.errors import StoreError
from ingest.loading.load import load
from ingest.store import TelemetryStore
from ingest.upkeep.compacting import compact
from tests.ingest.follow.following import following, jobs
from tests.ingest.stored import cri, stored_jobs


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(cri(1))
    return path


@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_stored_in_a_file_without_its_name(tmp_path: Path, log: Path, is_replaced: bool) -> None:
    with following(tmp_path, log) as follower:
        assert follower.jobs() == jobs(1)
        place = follower.store.path
        place.unlink()
        if is_replaced:
            TelemetryStore.open(tmp_path / "other.duckdb").close()
            (tmp_path / "other.duckdb").rename(place)
        log.write_bytes(cri(1, 2))
        for _ in range(2):
            with pytest.raises(StoreError, match="was removed or replaced while it was open"):
                follower.poll()
        assert stored_jobs(follower.store) == jobs(1), "who asks has an answer still"


def test_the_next_start_reads_all_again(tmp_path: Path, log: Path) -> None:
    path = tmp_path / "telemetry.duckdb"
    with TelemetryStore.open(path) as store:
        load(store, [log], None)
        path.unlink()
    with TelemetryStore.open(path) as store:
        load(store, [log], None)
        assert stored_jobs(store) == jobs(1)


def test_a_compacted_file_is_at_its_place(tmp_path: Path, log: Path) -> None:
    with following(tmp_path, log) as follower:
        follower.jobs()
        compact(follower.store, 0)
        log.write_bytes(cri(1, 2))
        assert follower.jobs() == jobs(1, 2)
