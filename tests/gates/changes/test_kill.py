"""The kill works whatever else is broken, says what it read back, and is written down when it can be."""

import fcntl
import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from gates.changes import kill
from gates.changes.desk import Desk
from gates.changes.late import LateFile
from gates.changes.memory import CountedIds, HeldEvidence, HeldJobs
from gates.changes.service import ChangeService
from gates.controls.publish import Publisher
from gates.controls.reader import ControlFile
from gates.home import Home
from gates.kill import stop
from gates.store.audit.verify import Intact, verify
from gates.store.store import Store
from tests.gates.changes.world import CAROL, START, World, document, real_home
from tests.gates.controls.files import full_disk, in_child

BY = "os|tester"


def live(home: Home, **changes: object) -> None:
    """Put open controls in force past every rule: what is tested is how they are stopped."""
    opened = document(kill=False, feature=True, percent=100, step="expand-100", stage=3, **changes)
    opened["allowlist"] = {
        **opened["allowlist"],
        "enabled": True,
        "rules": [
            {
                "id": "r",
                "enabled": True,
                "appliesTo": {"subject": ["B"], "level": ["G"], "board": ["A"], "specVersion": ["v"]},
                "kinds": ["k"],
                "slotIds": [],
                "maxJobsPerRun": 1,
            }
        ],
    }
    Publisher(home, time.time_ns).publish(opened)


def is_stopped(home: Home) -> bool:
    controls = ControlFile(home.control_file).current()
    return (controls.unknown or controls.killed) is not None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home, _ = real_home(tmp_path)
    live(home, revision=7)
    assert not is_stopped(home)
    return home


def service(home: Home) -> ChangeService:
    return ChangeService(
        Desk(
            home=home,
            store=Store.open(home.store),
            publisher=Publisher(home, time.time_ns),
            clock=time.time_ns,
            evidence=HeldEvidence(),
            jobs=HeldJobs(),
            ids=CountedIds(),
            late=LateFile(home.late),
        )
    )


def records(home: Home) -> list[dict[str, object]]:
    with Store.open(home.store).read() as tx:
        assert isinstance(verify(tx.audit.iterate()), Intact)
        return [json.loads(record.body) for record in tx.audit.iterate()]


class TestEffect:
    def test_publishes_the_kill_over_what_is_in_force(self, home: Home) -> None:
        stopped = stop(home)
        assert (stopped.killed, stopped.by, stopped.already, stopped.revision) == (True, "publish", False, 8)
        assert stopped.read_back == "the kill switch is on"
        assert is_stopped(home)

    def test_again_changes_nothing(self, home: Home) -> None:
        stop(home)
        before = home.control_file.read_bytes()
        again = stop(home)
        assert (again.killed, again.already, again.revision) == (True, True, 8)
        assert home.control_file.read_bytes() == before

    def test_again_defeats_a_release_that_is_under_way(self, home: Home) -> None:
        stop(home)
        publisher = Publisher(home, time.time_ns)
        seen = publisher.in_force()
        assert stop(home).already
        with pytest.raises(Exception, match="changed meanwhile"):
            publisher.publish({**(seen.document or {}), "kill": False, "revision": 9}, over=seen)
        assert is_stopped(home)

    def test_ends_a_break_glass_release(self, home: Home) -> None:
        live(home, revision=8, breakGlassUntil="2100-01-01T00:00:00Z")
        assert stop(home).after == {**(Publisher(home, time.time_ns).in_force().document or {})}
        assert Publisher(home, time.time_ns).in_force().document["breakGlassUntil"] is None  # type: ignore[index]

    @pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"version":"controls.v1"}'], ids=str)
    def test_an_invalid_file_is_taken_away(self, home: Home, content: bytes) -> None:
        home.control_file.write_bytes(content)
        stopped = stop(home)
        assert (stopped.killed, stopped.by) == (True, "removal")
        assert not home.control_file.exists()

    def test_a_missing_file_is_stopped_already(self, home: Home) -> None:
        home.control_file.unlink()
        stopped = stop(home)
        assert (stopped.killed, stopped.by, stopped.already) == (True, "removal", True)
        assert "missing" in stopped.read_back

    def test_a_home_that_never_was(self, tmp_path: Path) -> None:
        done = kill(Home(tmp_path / "nowhere"), by=BY)
        assert done.stopped.killed
        assert done.stopped.already
        assert "no home" in (done.late or "")
        assert not (tmp_path / "nowhere").exists()

    def test_a_publisher_that_does_not_end_is_waited_for_a_second(self, home: Home) -> None:
        descriptor = os.open(home.control_file.with_name(".lock"), os.O_RDWR | os.O_CREAT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            stopped = stop(home)
        finally:
            os.close(descriptor)
        assert stopped.killed
        assert stopped.took_ms < 4_000


def as_nobody() -> bool:
    """Root may write anywhere; whoever is checked for rights is not root."""
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    return True


def give_to_nobody(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
        for parent in folder.parents:
            if parent.name.startswith("pytest-") or "pytest" in str(parent):
                parent.chmod(0o755)


class TestDisk:
    @pytest.mark.parametrize("free", [0, 40, 200])
    def test_full_takes_the_file_away(self, home: Home, free: int) -> None:
        def stopped() -> bool:
            with full_disk(free):
                done = kill(home, by=BY)
            return done.stopped.killed and done.stopped.by == "removal" and done.late is not None

        assert in_child(stopped)
        assert is_stopped(home)
        assert not home.control_file.exists()

    def test_a_folder_that_may_not_be_written_empties_the_file(self, home: Home) -> None:
        give_to_nobody(home.root.parent)
        home.control_file.parent.chmod(0o500)

        def stopped() -> bool:
            as_nobody()
            done = stop(home)
            return done.killed and done.by == "removal" and home.control_file.stat().st_size == 0

        assert in_child(stopped)
        assert is_stopped(home)

    def test_nothing_may_be_written_and_it_says_so(self, home: Home) -> None:
        give_to_nobody(home.root.parent)
        home.control_file.chmod(0o400)
        home.control_file.parent.chmod(0o500)
        assert in_child(
            lambda: (
                as_nobody()
                and (done := stop(home)).killed is False
                and done.by is None
                and done.read_back.startswith("NOT STOPPED: revision 7")
            )
        )

    def test_somebody_elses_home(self, home: Home) -> None:
        if os.geteuid() == 0:
            assert in_child(lambda: as_nobody() and self._says_that_it_cannot_look(home))
        else:
            home.root.chmod(0)
            try:
                assert self._says_that_it_cannot_look(home)
            finally:
                home.root.chmod(0o700)
        assert not is_stopped(home)

    def _says_that_it_cannot_look(self, home: Home) -> bool:
        """Unreadable is STUB for this user and nobody else."""
        done = stop(home)
        return not done.killed and done.by is None and done.read_back.startswith("NOT KNOWN TO BE STOPPED")


class TestRecord:
    def test_in_the_chain_with_a_revision_and_a_debt(self, tmp_path: Path) -> None:
        world = World(tmp_path, store=_file_store(tmp_path))
        world.to_canary_1()
        done = world.service.kill(CAROL)
        assert done.late is None
        assert world.newest == done.stopped.after
        assert [(debt.kind.value, debt.operator_id) for debt in world.service.owed()] == [
            ("reason", CAROL.actor_id)
        ]
        again = world.service.kill(CAROL, "the errors of 14:02")
        assert again.stopped.already
        assert world.service.owed() == ()
        assert world.actions()[-2:] == ["kill", "kill again"]

    def test_with_a_reason_nothing_is_owed(self, tmp_path: Path) -> None:
        world = World(tmp_path, store=_file_store(tmp_path))
        world.to_canary_1()
        world.service.kill(CAROL, "drill")
        assert world.service.owed() == ()

    def test_a_locked_store_is_waited_for_a_second_and_merged_later(self, tmp_path: Path) -> None:
        world = World(tmp_path, store=_file_store(tmp_path))
        world.to_canary_1()
        holder = sqlite3.connect(world.home.store, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        done = kill(world.home, by=BY, clock=world.clock)
        took = time.monotonic() - begin
        holder.execute("ROLLBACK")
        holder.close()
        assert done.stopped.killed
        assert done.late is not None
        assert took < 5
        findings = world.service.reconcile()
        assert [finding.code for finding in findings] == ["ADOPTED"]
        assert world.newest == world.publisher.in_force().document
        last = records(world.home)
        late = [record for record in last if record["action"] == "kill"]
        assert [(record["actor"], record["late"]) for record in late] == [(BY, True)]
        assert world.service.owed()[0].operator_id == BY

    @pytest.mark.parametrize("damage", ["corrupt", "empty", "missing", "a folder"])
    def test_a_store_that_cannot_be_used(self, home: Home, damage: str) -> None:
        store = home.store
        match damage:
            case "corrupt":
                store.write_bytes(b"SQLite format 3\0" + os.urandom(8000))
            case "empty":
                store.write_bytes(b"")
            case "missing":
                store.unlink()
            case _:
                store.unlink()
                store.mkdir()
        done = kill(home, by=BY)
        assert done.stopped.killed
        assert "will be added late" in (done.late or "")
        assert len((home.late / "late.jsonl").read_text().splitlines()) >= 1

    def test_neither_store_nor_late_folder(self, home: Home) -> None:
        home.store.unlink()
        home.late.rmdir()
        home.late.write_bytes(b"in the way")
        done = kill(home, by=BY)
        assert done.stopped.killed
        assert "could not be kept" in (done.late or "")

    def test_a_clock_set_back(self, tmp_path: Path) -> None:
        world = World(tmp_path, store=_file_store(tmp_path))
        world.to_canary_1()
        world.clock.now = START - 10**15
        assert world.service.kill(CAROL).stopped.killed
        assert not world.is_live()
        assert world.service.reconcile() == ()


def _file_store(folder: Path) -> Store:
    return Store.create(Home(folder / "home").store)
