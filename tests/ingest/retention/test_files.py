"""Files of the spool, of specs and runs go once their lines are gone, never while somebody writes to them."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gates.executor.exec.spool_file import SpoolFile
from ingest.follow.follower import Follower
from ingest.loading.load import Surroundings, load
from ingest.retention.bound import DAY_NS
from ingest.retention.files import Folders, remove_old_files
from ingest.retention.run import Order, retain
from tests.ingest.gate_audit.reference import Line
from tests.ingest.gate_audit.worlds import BASE_NS, cri, told
from tests.ingest.rollups.content import kept
from tests.ingest.store_from_template import open_store
from tests.ingest.stored import stored_jobs

NOW = BASE_NS
OLD, NEW = NOW - 20 * DAY_NS, NOW - DAY_NS
BEFORE = NOW - 7 * DAY_NS


class Spool:
    """A home's folders and its store."""

    def __init__(self, root: Path) -> None:
        self.folders = Folders(root / "spool", root / "specs", root / "runs")
        for folder in (self.folders.spool, self.folders.specs, self.folders.runs):
            folder.mkdir()
        self.store = open_store(root / "telemetry.duckdb")

    def write(self, name: str, at_ns: int, *jobs: str, written_ns: int | None = None) -> Path:
        path = self.folders.spool / name
        with path.open("a") as file:
            file.writelines(cri(Line(at_ns, job, "stub", "STUB", None, 7)) for job in jobs)
        os.utime(path, ns=(at_ns, at_ns if written_ns is None else written_ns))
        return path

    def bring_in(self) -> None:
        around = Surroundings(None, lambda: NOW, self.folders.spool, self.folders.specs, self.folders.runs)
        assert load(self.store, [self.folders.spool], None, surroundings=around).is_balanced

    def remove(self) -> int:
        retain(self.store, Order(days=7, trusts_clock=True), lambda: NOW)
        return remove_old_files(self.store, self.folders, BEFORE)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folders.spool.iterdir())


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path)
    spool.write("new.log", NEW, "job-new")
    yield spool
    spool.store.close()


def test_a_file_whose_lines_are_gone_goes(spool: Spool) -> None:
    spool.write("old.log", OLD, "job-1", "job-2")
    spool.bring_in()
    assert spool.remove() == 1
    assert spool.names() == ["new.log"]
    assert stored_jobs(spool.store) == ["job-new"]


def test_what_is_written_to_the_same_name_later_is_read(spool: Spool) -> None:
    spool.write("exec-a-000.log", OLD, "job-1", "job-2")
    spool.bring_in()
    assert spool.remove() == 1
    spool.write("exec-a-000.log", NEW, "job-3")
    spool.bring_in()
    spool.write("exec-a-000.log", NEW, "job-4", "job-5", "job-6")
    spool.bring_in()
    assert stored_jobs(spool.store) == ["job-3", "job-4", "job-5", "job-6", "job-new"]


def test_a_copy_that_comes_back_is_not_counted_again(spool: Spool) -> None:
    held = spool.write("old.log", OLD, "job-1", "job-2").read_bytes()
    spool.bring_in()
    assert spool.remove() == 1
    (spool.folders.spool / "old.log").write_bytes(held)
    spool.bring_in()
    with spool.store.cursor() as cursor:
        held_rows = "SELECT at_ending.accepted FROM source ORDER BY source_id"
        assert cursor.execute(held_rows).fetchall() == [(1,), (2,)]
    assert kept(spool.store, "rollup_minute").total() == 3


def stays(spool: Spool) -> bool:
    spool.bring_in()
    return spool.remove() == 0


def test_one_with_a_line_that_is_kept_stays(spool: Spool) -> None:
    spool.write("mixed.log", OLD, "job-1")
    spool.write("mixed.log", NEW, "job-2", written_ns=OLD)
    assert stays(spool)


def test_one_that_was_written_to_lately_stays(spool: Spool) -> None:
    spool.write("old.log", OLD, "job-1", written_ns=NEW)
    assert stays(spool)


def test_one_that_grew_since_it_was_read_stays(spool: Spool) -> None:
    path = spool.write("old.log", OLD, "job-1")
    spool.bring_in()
    spool.write("old.log", OLD, "job-2")
    assert spool.remove() == 0
    assert path.exists()


def test_one_whose_last_line_is_open_stays(spool: Spool) -> None:
    path = spool.write("old.log", OLD, "job-1")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    os.utime(path, ns=(OLD, OLD))
    assert stays(spool)


def test_one_that_a_server_follows_goes_and_nothing_of_it_is_missed(spool: Spool) -> None:
    spool.write("old.log", OLD, "job-1")
    around = Surroundings(None, lambda: NOW, spool.folders.spool)
    with closing(Follower(spool.store, [str(spool.folders.spool)], around, lambda: None)) as follower:
        assert follower.poll().summary.is_balanced
        assert spool.remove() == 1
        spool.write("new.log", NEW, "job-2")
        followed = follower.poll()
    assert (followed.summary.gaps, followed.failures, spool.names()) == ((), (), ["new.log"])
    assert stored_jobs(spool.store) == ["job-2", "job-new"]


def test_one_that_somebody_writes_stays_and_is_read_on(spool: Spool) -> None:
    path = spool.write("old.log", OLD, "job-1")
    spool.bring_in()
    with path.open("ab") as file:
        assert spool.remove() == 0
        assert spool.remove() == 0, "it is put aside once"
        file.write(cri(Line(NEW, "job-2", "stub", "STUB", None, 7)).encode())
    spool.bring_in()
    assert stored_jobs(spool.store) == ["job-2", "job-new"]


def test_one_that_a_run_holds_stays_where_it_is(spool: Spool) -> None:
    spool.write("exec-a-000.log", OLD, "job-1")
    spool.bring_in()
    run = SpoolFile(str(spool.folders.spool), "a")
    assert spool.remove() == 0
    assert run.name == "exec-a-000.log"
    assert run.name in spool.names()


def test_specs_that_were_read_go_and_others_stay(spool: Spool) -> None:
    for name, at_ns in (("2026-11-01.jsonl", OLD), ("2026-11-20.jsonl", NEW)):
        path = spool.folders.specs / name
        path.write_text(told("job-1", 0, True, "Biology"))
        os.utime(path, ns=(at_ns, at_ns))
    assert spool.remove() == 0, "nothing was read yet"
    spool.bring_in()
    assert spool.remove() == 1
    assert [path.name for path in spool.folders.specs.iterdir()] == ["2026-11-20.jsonl"]
