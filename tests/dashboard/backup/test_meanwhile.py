"""What happens to a home while it is copied: nothing waits, and the restored home is that of one moment."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dashboard.backup.checking import check_backup
from dashboard.backup.making import make_backup
from dashboard.backup.manifest import StoreIs
from dashboard.backup.restoring import restore
from dashboard.cli.guarded import service_of
from dashboard.errors import BackupError
from dashboard.telemetry.opened import Opened
from dashboard.telemetry.over_store import StoreTelemetry
from dashboard.telemetry.port import LoadRequest
from dashboard.telemetry.served import Served
from gates.changes.content import Terms
from gates.changes.founding import Foundation, found
from gates.changes.killing import kill
from gates.changes.late import LateFile, LateRecord
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.store.rows import AuditEntry
from gates.store.store import Store
from ingest.progress import HowFar, silent
from ingest.store import TelemetryStore
from tests.dashboard.backup.homes import (
    SHELL,
    add_lines,
    backup_of,
    jobs_of,
    means,
    quick_backup_of,
    restored_from,
)
from tests.dashboard.telemetry.serving import served
from tests.gates.controls.files import full_disk, in_child
from tests.gates.store.server import Server


@dataclass
class Once:
    """Does something at the first word of a path; the copies before it are made, those after it not yet."""

    path: str
    act: Callable[[], object]
    done: list[bool] = field(default_factory=list)

    def __call__(self, far: HowFar) -> None:
        if far.at == self.path and not self.done:
            self.done.append(True)
            self.act()


def actions(home: Home) -> list[str]:
    with closing(Store.open(home.store)) as store, store.read() as tx:
        return [json.loads(record.body)["action"] for record in tx.audit.iterate()]


def narrow(home: Home) -> None:
    with closing(Store.open(home.store)) as store:
        service_of(home, store).propose(SHELL, {"feature": False, "percent": 0}, Terms(reason="less"))


@pytest.mark.parametrize(
    "at", ["audit.key", "notify.json", "controls/control.json", "controls/history.jsonl"]
)
def test_whoever_publishes_meanwhile_leaves_copies_that_fit(at: str, home: Home, tmp_path: Path) -> None:
    def publish() -> None:
        kill(home, by="os|carol", reason="now")
        narrow(home)
        Publisher(home, time.time_ns).narrow(lambda document: {**(document or {}), "revision": 50})

    tell = Once(at, publish)
    quick_backup_of(home, tmp_path / "backup", tell)
    assert tell.done
    assert check_backup(tmp_path / "backup", silent).wrong == ()
    restored = restored_from(tmp_path / "backup", tmp_path / "new")
    assert ControlFile(restored.home.control_file).current().killed
    found = actions(restored.home)
    assert found[-1] == "restore"
    assert not [action for action in found if "UNREVIEWED" in action]
    assert (restored.revision or 0) > 50


def test_a_spool_file_that_is_put_aside_meanwhile_is_in_it_with_its_successor(
    home: Home, tmp_path: Path
) -> None:
    def rotate() -> None:
        (home.spool / "worker.log").rename(home.spool / "worker.1.log")
        add_lines(home, 3, first=10)

    assert jobs_of(home) == 10  # known by the inodes of this copy, too
    tell = Once("audit.key", rotate)
    backup_of(home, tmp_path / "backup", tell)
    assert tell.done
    new = restored_from(tmp_path / "backup", tmp_path / "new").home
    assert jobs_of(new) == 13


def test_what_goes_away_and_what_grows_meanwhile(home: Home, tmp_path: Path) -> None:
    add_lines(home, 2, name="gone.log", first=10)

    def change() -> None:
        (home.spool / "gone.log").unlink()
        add_lines(home, 5, first=20)

    quick_backup_of(home, tmp_path / "backup", Once("audit.key", change))
    new = restored_from(tmp_path / "backup", tmp_path / "new").home
    assert jobs_of(new) == 10, "the size of the moment of the look counts"


def test_a_late_record_of_this_moment_is_in_it_and_joins_the_chain(home: Home, tmp_path: Path) -> None:
    entry = AuditEntry(time_ns=time.time_ns(), actor="os|carol", roles=(), action="kill", target="controls")

    def late() -> None:
        LateFile(home.late).spool(LateRecord(entry, None))

    quick_backup_of(home, tmp_path / "backup", Once("controls/history.jsonl", late))
    new = restored_from(tmp_path / "backup", tmp_path / "new").home
    assert actions(new).count("kill") == 1


class Slow(StoreTelemetry):
    """Begins to copy and goes on when it may."""

    def __init__(self, home: Home, store: TelemetryStore) -> None:
        super().__init__(home, store, lambda _skew: None)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def copy_to(self, target: str) -> int:
        self.begun.set()
        assert self.go_on.wait(60)
        return super().copy_to(target)


def test_a_kill_a_change_a_decision_and_a_load_do_not_wait_for_a_backup(home: Home, tmp_path: Path) -> None:
    with TelemetryStore.open(home.telemetry) as store, ThreadPoolExecutor(1) as pool:
        slow = Slow(home, store)
        with served(slow) as place:
            backup = pool.submit(
                make_backup, home, tmp_path / "backup", home.store, Served(place), time.time_ns, silent
            )
            try:
                assert slow.begun.wait(60)
                narrow(home)
                assert kill(home, by="os|carol", reason="now").stopped.killed
                assert ControlFile(home.control_file).current().killed
                add_lines(home, 5, first=10)
                loaded = Served(place).load(LoadRequest(paths=(str(home.spool),)))
                assert loaded.summary.counts.accepted == 15
                assert not backup.done()
            finally:
                slow.go_on.set()
            backup.result(60)
    new = restored_from(tmp_path / "backup", tmp_path / "new").home
    assert jobs_of(new) == 15
    assert "kill" in actions(new) or "kill again" in actions(new)


def killed_at(number: int, work: Callable[[Callable[[HowFar], None]], object]) -> bool:
    """Run `work` in a process that is killed when it is told something for the time `number`.

    Whether it came that far.
    """
    told = 0

    def tell(_far: HowFar) -> None:
        nonlocal told
        told += 1
        if told == number:
            os.kill(os.getpid(), signal.SIGKILL)

    pid = os.fork()
    if pid == 0:
        try:
            work(tell)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def test_a_killed_backup_or_restore_leaves_nothing_that_looks_like_one(home: Home, tmp_path: Path) -> None:
    disk, homes = tmp_path / "disk", tmp_path / "homes"
    disk.mkdir()
    homes.mkdir()
    target, new = disk / "backup.tar.zst", homes / "new"

    def make(tell: Callable[[HowFar], None]) -> None:
        quick_backup_of(home, target, tell)

    number = 1
    while killed_at(number, make):
        assert not target.exists()
        number += 6
    assert number > 7, "it was killed more than once"
    assert [path.name for path in disk.iterdir()] == [target.name], "what was left is cleared away"
    assert check_backup(target, silent).wrong == ()

    number = 1
    while killed_at(number, lambda tell: restore(target, new, means(tell))):
        assert not new.exists()
        number += 6
    assert number > 7
    assert [path.name for path in homes.iterdir()] == ["new"]
    assert jobs_of(Home(new)) == 10


def test_a_full_disk_leaves_nothing_and_is_said(home: Home, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    with (home.spool / "worker.log").open("ab") as file:
        file.write(b"noise\n" * 200_000)

    def fails() -> bool:
        for work in (
            lambda: quick_backup_of(home, tmp_path / "disk" / "backup"),
            lambda: restored_from(tmp_path / "whole.tar.zst", tmp_path / "disk" / "new"),
        ):
            with full_disk(1_000_000), pytest.raises(BackupError, match="some space, or name another disk"):
                work()
        return True

    quick_backup_of(home, tmp_path / "whole.tar.zst")
    assert in_child(fails)
    assert list((tmp_path / "disk").iterdir()) == []


def test_a_disk_that_is_too_small_is_said_before_anything_is_written(home: Home, tmp_path: Path) -> None:
    with (home.spool / "worker.log").open("ab") as file:
        file.truncate(1 << 43)  # takes no room itself
    with pytest.raises(BackupError, match=r"MB are to be written, and .* MB are free in"):
        quick_backup_of(home, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_store_elsewhere_is_not_in_it_and_the_stop_is_recorded_there(
    postgresql: Server, tmp_path: Path
) -> None:
    home, url = Home(tmp_path / "home"), postgresql.new_database()
    foundation = Foundation(environment="test", operator_id="local|alice", p50_ms=5_000, p95_ms=20_000)
    found(home, foundation, time.time_ns, "init", url)
    made = make_backup(home, tmp_path / "backup", url, Opened(home), time.time_ns, silent)
    manifest = made.manifest
    assert (manifest.store, manifest.layouts.store) == (StoreIs.ELSEWHERE, None)
    assert (manifest.environment, manifest.revision) == ("test", 1)
    restored = restore(tmp_path / "backup", tmp_path / "new", replace(means(), place=lambda _home: url))
    assert restored.revision == 2
    with closing(Store.open(url)) as store, store.read() as tx:
        newest = tx.revisions.newest()
    assert newest is not None
    assert newest.after == Publisher(restored.home, time.time_ns).in_force().document
