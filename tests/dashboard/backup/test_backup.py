"""A backup of a whole home, and the home that is made of it."""

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.backup.checking import check_backup
from dashboard.backup.manifest import StoreIs
from dashboard.backup.restoring import restore
from dashboard.cli.doctor import look_over
from dashboard.errors import BackupDamaged, BackupError, PlaceTaken
from dashboard.review.of_home import HomeEvidence
from gates.changes.questions import question
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.policy.evidence import Verification
from gates.store.copying import NEWEST_LAYOUT, StoreFacts, facts_of
from gates.store.store import Store
from ingest.errors import WorkStopped
from ingest.progress import HowFar, Tell, silent
from tests.dashboard.backup.homes import (
    add_lines,
    backup_of,
    jobs_of,
    means,
    quick_backup_of,
    restored_from,
)
from tests.dashboard.record import LIVE, SECOND_NS, empty_home, line, publish, spool


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """For what does not depend on the form."""
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder / "backup"


FORMS = pytest.mark.parametrize("form", ["backup", "backup.tar.zst"])


@FORMS
def test_a_restored_home_holds_what_the_home_held_and_is_stopped(
    home: Home, form: str, target: Path, tmp_path: Path
) -> None:
    target = target.with_name(form)
    made = backup_of(home, target)
    assert [one.name for one in target.parent.iterdir()] == [target.name], "no draft is left"
    checked = check_backup(target, silent)
    assert (checked.wrong, checked.manifest) == ((), made.manifest)
    before = ControlFile(home.control_file).current()

    restored = restored_from(target, tmp_path / "elsewhere" / "new")
    new = restored.home
    assert (before.revision, restored.revision) == (1, 2)
    controls = ControlFile(new.control_file).current()
    assert (controls.revision, controls.killed is not None) == (restored.revision, True)
    for path in (
        home.audit_key,
        home.ci_hook_secret,
        home.root / "notify.json",
        home.specs / "2026-11-21.jsonl",
    ):
        assert (new.root / path.relative_to(home.root)).read_bytes() == path.read_bytes()
    assert not any(
        map(os.path.lexists, (new.serving, new.exec, new.root / "sessions", new.root / "session.key"))
    )
    for path in (new.root, *new.root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    worker = "spool/worker.log"
    assert (new.root / worker).stat().st_mtime_ns == (home.root / worker).stat().st_mtime_ns
    with closing(Store.open(new.store)) as store, store.read() as tx:
        tail = tx.audit.tail()
    assert tail is not None
    said = json.loads(tail.body)
    assert (said["action"], said["actor"], said["after"]["backup"]) == ("restore", "os|somebody", target.name)


def test_the_doctor_of_a_restored_home_finds_nothing(home: Home, target: Path, tmp_path: Path) -> None:
    for path in (home.audit_key, home.ci_hook_secret, home.executor_config):
        path.unlink()
    backup_of(home, target)
    new = restored_from(target, tmp_path / "new").home
    assert [finding for finding in look_over(new) if not finding.ok] == []


def test_no_line_is_counted_twice_and_what_the_spool_has_more_is_read(
    home: Home, target: Path, tmp_path: Path
) -> None:
    add_lines(home, 5, first=10)
    add_lines(home, 5, name="other.log", first=15)
    backup_of(home, target)
    new = restored_from(target, tmp_path / "new").home
    assert jobs_of(new) == 20
    add_lines(new, 1, first=20)
    assert jobs_of(new) == 21


def test_a_home_that_was_restored_can_be_backed_up_and_restored_again(
    home: Home, target: Path, tmp_path: Path
) -> None:
    backup_of(home, target)
    first = restored_from(target, tmp_path / "first").home
    add_lines(first, 1, first=10)
    again = target.with_name(f"again-{target.name}")
    backup_of(first, again)
    second = restored_from(again, tmp_path / "second").home
    assert jobs_of(second) == 11


def test_without_telemetry_the_spool_is_counted_anew(home: Home, target: Path, tmp_path: Path) -> None:
    made = quick_backup_of(home, target)
    assert made.manifest.layouts.telemetry is None
    new = restored_from(target, tmp_path / "new").home
    assert not new.telemetry.exists()
    assert jobs_of(new) == 10


def test_a_damaged_telemetry_file_that_was_set_aside_holds_reviews_there_too(
    home: Home, target: Path, tmp_path: Path
) -> None:
    aside = home.telemetry.with_name("telemetry.duckdb.damaged-20261121T170212.482913Z")
    aside.write_bytes(b"much that nobody can read")
    quick_backup_of(home, target)
    new = restored_from(target, tmp_path / "new").home
    assert (new.root / aside.name).read_bytes() == b""


def test_half_a_line_at_the_end_is_kept_and_read_on(home: Home, target: Path, tmp_path: Path) -> None:
    whole = (home.spool / "worker.log").read_bytes()
    with (home.spool / "worker.log").open("ab") as file:
        file.write(whole.splitlines()[0][:40])
    jobs_of(home)
    backup_of(home, target)
    new = restored_from(target, tmp_path / "new").home
    with (new.spool / "worker.log").open("ab") as file:
        file.write(whole.splitlines(keepends=True)[0][40:].replace(b"job-0", b"job-x"))
    assert jobs_of(new) == 11


@pytest.mark.parametrize("name", ["link", "pipe"])
def test_what_is_no_file_is_named_and_left_out(name: str, home: Home, target: Path) -> None:
    strange = home.spool / name
    if name == "link":
        strange.symlink_to("/etc/passwd")
    else:
        os.mkfifo(strange)
    [left] = quick_backup_of(home, target).manifest.left_out
    assert left.path == f"spool/{name}"


def test_a_part_of_the_home_that_is_a_link_is_refused(home: Home, target: Path, tmp_path: Path) -> None:
    home.spool.rename(tmp_path / "spool")
    home.spool.symlink_to(tmp_path / "spool")
    with pytest.raises(BackupError, match="spool` is a link"):
        quick_backup_of(home, target)
    assert list(target.parent.iterdir()) == []


@FORMS
def test_nothing_is_written_over_nor_into_the_home(home: Home, form: str, target: Path) -> None:
    target = target.with_name(form)
    target.write_bytes(b"mine")
    with pytest.raises(PlaceTaken):
        quick_backup_of(home, target)
    assert target.read_bytes() == b"mine"
    with pytest.raises(BackupError, match="in the home itself"):
        quick_backup_of(home, home.root / "backup")
    with pytest.raises(BackupError, match="there is no folder"):
        quick_backup_of(home, target.parent / "nowhere" / "backup")
    for other in ("backup.tar.gz", "backup.zst"):
        with pytest.raises(BackupError, match="an archive of another kind"):
            quick_backup_of(home, target.parent / other)
    with pytest.raises(BackupError, match="there is no home"):
        quick_backup_of(Home(target.parent / "nowhere"), target.parent / "other")


def stop_at(part: str) -> Tell:
    def tell(far: HowFar) -> None:
        if part in far.at:
            raise WorkStopped("enough")

    return tell


@FORMS
@pytest.mark.parametrize("part", ["worker.log", "controls/history.jsonl"])
def test_a_backup_that_is_stopped_leaves_nothing(part: str, home: Home, form: str, target: Path) -> None:
    target = target.with_name(form)
    with pytest.raises(WorkStopped):
        quick_backup_of(home, target, stop_at(part))
    assert list(target.parent.iterdir()) == []


def test_a_restore_that_is_stopped_leaves_nothing_and_is_run_again(
    home: Home, target: Path, tmp_path: Path
) -> None:
    backup_of(home, target)
    with pytest.raises(WorkStopped):
        restore(target, tmp_path / "there" / "new", means(stop_at("telemetry.duckdb")))
    assert list((tmp_path / "there").iterdir()) == []
    restored_from(target, tmp_path / "there" / "new")


def test_nothing_is_restored_over_what_is_there(home: Home, target: Path, tmp_path: Path) -> None:
    quick_backup_of(home, target)
    with pytest.raises(PlaceTaken):
        restored_from(target, home.root)
    (tmp_path / "empty").mkdir()
    restored_from(target, tmp_path / "empty")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PlaceTaken):
        restored_from(target, tmp_path / "link")


def test_a_home_in_the_backup_itself_is_refused(home: Home, target: Path) -> None:
    backup = target.with_name("folder")
    quick_backup_of(home, backup)
    for place in (backup / "home", backup / "new", backup):
        with pytest.raises(PlaceTaken, match="in the backup itself"):
            restored_from(backup, place)
    assert check_backup(backup, silent).wrong == ()


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.tar.zst").write_bytes(b"hello")
    for name in ("folder", "file.tar.zst"):
        with pytest.raises(BackupDamaged):
            check_backup(tmp_path / name, silent)
        with pytest.raises(BackupDamaged):
            restored_from(tmp_path / name, tmp_path / "new")
    with pytest.raises(BackupError, match="there is no backup"):
        check_backup(tmp_path / "nowhere", silent)
    assert not (tmp_path / "new").exists()


def test_what_was_verified_before_verifies_nothing_in_a_restored_home(
    home: Home, target: Path, tmp_path: Path
) -> None:
    def verification(of: Home) -> Verification:
        with closing(Store.open(of.store)) as store, store.read() as tx:
            return HomeEvidence(of, store).evidence(question(tx, time.time_ns())).verification

    spool(home, [(time.time_ns(), line(f"probe-{number}", code="KILL_SWITCH")) for number in range(25)])
    assert verification(home) is Verification.PASSED
    backup_of(home, target)
    new = restored_from(target, tmp_path / "new").home
    assert verification(new) is Verification.NOT_ENOUGH


def test_a_chain_that_was_broken_before_the_backup_is_found(home: Home, target: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home.store)) as store, store:
        store.execute("DROP TRIGGER audit_record_no_update")
        store.execute("UPDATE audit_record SET body = replace(body, 'alice', 'mallo')")
    quick_backup_of(home, target)
    [words] = check_backup(target, silent).wrong
    assert words.startswith("the audit chain is broken: edited at record 1")
    with pytest.raises(BackupDamaged, match="the audit chain is broken"):
        restored_from(target, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_clock_that_was_set_back_keeps_it_stopped(home: Home, target: Path, tmp_path: Path) -> None:
    quick_backup_of(home, target)
    an_hour_ago = time.time_ns() - 3_600 * SECOND_NS
    restored = restore(target, tmp_path / "new", replace(means(), clock=lambda: an_hour_ago))
    assert ControlFile(restored.home.control_file).current().killed


def test_a_home_that_nobody_made_by_init_is_stopped_by_its_file(target: Path, tmp_path: Path) -> None:
    home = empty_home(tmp_path)
    publish(home, LIVE)
    made = backup_of(home, target)
    assert (made.manifest.store, made.manifest.revision) == (StoreIs.NOWHERE, 1)
    assert check_backup(target, silent).wrong == ()
    restored = restored_from(target, tmp_path / "new")
    assert restored.revision == 2
    assert ControlFile(restored.home.control_file).current().killed
    assert not ControlFile(home.control_file).current().killed


def test_a_store_of_an_older_layout_is_kept_as_it_is_and_brought_up_by_the_restore(
    home: Home, target: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(home.store)) as store, store:
        store.execute("DROP TABLE keyed_call")
        store.execute(f"DELETE FROM layout WHERE version = {NEWEST_LAYOUT}")
    made = quick_backup_of(home, target)
    assert made.manifest.layouts.store == NEWEST_LAYOUT - 1
    assert facts_of(home.store).layout == NEWEST_LAYOUT - 1
    assert check_backup(target, silent).wrong == ()
    new = restored_from(target, tmp_path / "new").home
    assert facts_of(new.store) == StoreFacts(NEWEST_LAYOUT, "production", 2)
