"""What the file itself may do to us: missing, locked, damaged, read-only, full, too old, too new."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from gates.errors import (
    AlreadyThere,
    HomeError,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
)
from gates.policy.intent import Role
from gates.store.audit.verify import Broken, Fault, Intact, verify
from gates.store.metadata import METADATA
from gates.store.migrations import MIGRATIONS, migrate
from gates.store.sqlite import Sqlite, make_file
from gates.store.store import Store
from gates.store.tables import APPEND_ONLY
from tests.gates.controls.files import full_disk, in_child
from tests.gates.store.builders import (
    ALICE,
    NOW,
    entry,
    fill_append_only,
    request,
)

LAYOUT = Path(__file__).with_name("layout.sql")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "gate.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.create(path, busy_seconds=0.05)
    with opened.begin() as tx:
        tx.settings.set("mode", "shadow")
    yield opened
    opened.close()


def run_sql(path: Path, *statements: str) -> None:
    """What somebody with the file and the SQLite shell can do."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def schema_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
        return "".join(f"{row[0]};\n" for row in rows)


def at_layout(path: Path, number: int) -> None:
    make_file(path)
    dialect = Sqlite(path, 1)
    migrate(dialect, MIGRATIONS[:number])
    dialect.close()


class TestFiles:
    def test_the_store_and_what_lies_beside_it_are_private(self, store: Store, path: Path) -> None:
        with store.begin() as tx:
            tx.settings.set("mode", "enforce")
            names = sorted(one.name for one in path.parent.iterdir())
            modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
        assert names == ["gate.db", "gate.db-shm", "gate.db-wal"]
        assert modes == {0o600}

    def test_an_empty_file_is_made_private_and_filled(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch(mode=0o644)
        Store.create(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        Store.open(path).close()

    def test_a_store_is_not_made_over_another(self, store: Store, path: Path) -> None:
        with pytest.raises(AlreadyThere):
            Store.create(path)

    def test_commits_are_synced_and_logged_ahead(self, path: Path) -> None:
        at_layout(path, 2)
        with Sqlite(path, 1).writing() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1

    def test_the_name_may_hold_what_a_uri_would_not(self, tmp_path: Path) -> None:
        strange = tmp_path / "a%20b?c#d é" / "gate.db"
        Store.create(strange).close()
        Store.open(strange).close()
        assert strange.is_file()

    def test_a_store_replaced_under_us_is_noticed(self, store: Store, path: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.db"
        Store.create(other).close()
        for name in ("gate.db-wal", "gate.db-shm"):
            (path.parent / name).unlink(missing_ok=True)
        other.replace(path)
        with store.read() as tx:
            assert tx.settings.get("mode") is None


class TestFailures:
    def test_missing(self, path: Path) -> None:
        with pytest.raises(StoreMissing, match="slotgate init"):
            Store.open(path)
        assert not path.exists()

    def test_missing_later(self, store: Store, path: Path) -> None:
        path.unlink()
        with pytest.raises(StoreMissing), store.begin() as tx:
            tx.settings.get("mode")
        assert not path.exists()

    def test_reading_sees_one_moment(self, store: Store, path: Path) -> None:
        with store.read() as tx:
            assert tx.settings.get("mode") == "shadow"
            with closing(Store.open(path)) as other, other.begin() as writing:
                writing.settings.set("mode", "enforce")
                writing.audit.append(entry())
            assert tx.settings.get("mode") == "shadow"
            assert tx.audit.tail() is None
        with store.read() as tx:
            assert tx.settings.get("mode") == "enforce"

    def test_a_fork_opens_the_file_itself(self, store: Store, path: Path) -> None:
        store = Store.open(path, busy_seconds=60)

        def works() -> bool:
            for number in range(20):
                with store.begin() as tx:
                    tx.audit.append(entry(reason=str(number)))
            return True

        children = []
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if in_child(works) else 1)
            children.append(pid)
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 3
        with store.read() as tx:
            found = verify(tx.audit.iterate())
        assert isinstance(found, Intact)
        assert found.records == 60

    def test_empty(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        with pytest.raises(StoreCorrupt, match="is empty"):
            Store.open(path)

    def test_a_folder(self, path: Path) -> None:
        path.mkdir(parents=True)
        with pytest.raises(StoreError):
            Store.open(path)

    def test_garbage(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(os.urandom(8192))
        with pytest.raises(StoreCorrupt, match="restore a backup"):
            Store.open(path)

    def test_a_database_of_somebody_else(self, path: Path) -> None:
        path.parent.mkdir()
        run_sql(path, "CREATE TABLE invoice (number INTEGER)")
        with pytest.raises(StoreCorrupt, match="no store of slotgate"):
            Store.open(path)

    def test_damaged_pages(self, store: Store, path: Path) -> None:
        with store.begin() as tx:
            for _ in range(200):
                tx.audit.append(entry())
        store.close()
        data = bytearray(path.read_bytes())
        for page in range(8192, len(data), 4096):
            data[page : page + 64] = os.urandom(64)
        path.write_bytes(data)
        with pytest.raises(StoreCorrupt), store.read() as tx:
            list(tx.audit.iterate())

    def test_damage_is_found_by_the_check(self, store: Store, path: Path) -> None:
        assert store.damage() == ()
        run_sql(path, "PRAGMA foreign_keys = OFF", "INSERT INTO operator_role VALUES ('nobody', 'admin')")
        (found,) = store.damage()
        assert "operator_role" in found

    def test_locked(self, store: Store, path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLocked, match="try again") as raised, store.begin() as tx:
                tx.settings.set("mode", "off")
            with store.read() as tx:
                assert tx.settings.get("mode") == "shadow"
        assert isinstance(raised.value, HomeError)
        assert raised.value.exit_code == 4

    def test_unwritable_for_another_user(self, store: Store, path: Path) -> None:
        path.parent.parent.chmod(0o755)
        path.parent.chmod(0o755)
        path.chmod(0o644)

        def refused() -> bool:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            else:
                path.chmod(0o444)
                path.parent.chmod(0o555)
            try:
                with store.begin() as tx:
                    tx.settings.set("mode", "off")
            except StoreReadOnly:
                return True
            return False

        for folder in (path.parent.parent, *path.parent.parent.parents):
            if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("pytest", "popen")):
                folder.chmod(folder.stat().st_mode | 0o055)
        assert in_child(refused)
        path.parent.chmod(0o755)

    def test_full(self, store: Store, path: Path) -> None:
        def full() -> bool:
            with full_disk(8192):
                try:
                    with store.begin() as tx:
                        for _ in range(500):
                            tx.audit.append(entry())
                except StoreFull:
                    return True
            return False

        assert in_child(full)
        with store.begin() as tx:
            assert tx.audit.tail() is None
            tx.audit.append(entry())

    def test_full_while_making(self, path: Path) -> None:
        def full() -> bool:
            with full_disk(4096):
                try:
                    Store.create(path)
                except StoreFull:
                    return True
            return False

        assert in_child(full)

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StoreReadOnly, match="make its folder writable"):
            Store.create(tmp_path / "file" / "gate.db")


class TestLayouts:
    def test_the_layout_is_the_one_on_record(self, path: Path) -> None:
        """Changing a released migration changes this file; add a migration instead."""
        at_layout(path, len(MIGRATIONS))
        assert schema_of(path) == LAYOUT.read_text(encoding="utf-8")

    @pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
    def test_every_layout_is_brought_to_the_newest(self, path: Path, number: int) -> None:
        at_layout(path, number)
        run_sql(path, "INSERT INTO setting VALUES ('mode', 'enforce')")
        with closing(Store.open(path)) as store, store.begin() as tx:
            assert tx.settings.get("mode") == "enforce"
            tx.audit.append(entry())
        assert schema_of(path) == LAYOUT.read_text(encoding="utf-8")

    def test_each_step_is_recorded(self, store: Store, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT version, name FROM layout ORDER BY version").fetchall()
        assert rows == [(n, one.name) for n, one in enumerate(MIGRATIONS, 1)]

    def test_a_step_that_fails_leaves_the_layout_before(self, path: Path) -> None:
        at_layout(path, 1)
        before = schema_of(path)
        run_sql(path, "CREATE TABLE audit_checkpoint (x INTEGER)")
        with pytest.raises(StoreError):
            Store.open(path)
        run_sql(path, "DROP TABLE audit_checkpoint")
        assert schema_of(path) == before
        Store.open(path).close()

    def test_a_newer_layout_is_refused(self, store: Store, path: Path) -> None:
        run_sql(path, "INSERT INTO layout VALUES (99, 'from the future', 0)")
        with pytest.raises(StoreTooNew, match="update slotgate"):
            Store.open(path)

    def test_processes_may_migrate_at_once(self, path: Path) -> None:
        at_layout(path, 1)

        def opened() -> bool:
            Store.open(path).close()
            return True

        children = []
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if in_child(opened) else 1)
            children.append(pid)
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4

    def test_the_tables_are_portable(self) -> None:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        for table in METADATA.sorted_tables:
            CreateTable(table).compile(dialect=dialect)
            for index in table.indexes:
                CreateIndex(index).compile(dialect=dialect)


class TestAppendOnly:
    @pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
    def test_rows_are_neither_changed_nor_deleted(self, store: Store, path: Path, table: str) -> None:
        with store.begin() as tx:
            fill_append_only(tx)
        run_sql(path, "INSERT INTO audit_checkpoint VALUES (1, 'ab', 'note', 0)")
        column = {"revision": "step", "approval": "approver_id", "evidence": "data"}.get(table, "rowid")
        for statement in (f"UPDATE {table} SET {column} = 7", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                run_sql(path, statement)

    def test_frozen_evidence_that_was_changed_is_not_given(self, store: Store, path: Path) -> None:
        with store.begin() as tx:
            tx.evidence.freeze("none:1", b"clean")
        run_sql(path, "DROP TRIGGER evidence_no_update", "UPDATE evidence SET data = x'00'")
        with pytest.raises(StoreCorrupt), store.read() as tx:
            tx.evidence.get("none:1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE request SET state = 'done'",
        "UPDATE request SET content_json = '{'",
        "UPDATE request SET content_json = '[]'",
        "UPDATE operator_role SET role = 'king'",
    ],
)
def test_what_nobody_could_have_written_is_damage(store: Store, path: Path, statement: str) -> None:
    with store.begin() as tx:
        tx.requests.create(request())
        tx.operators.add(ALICE, frozenset({Role.ADMIN}), by=None, at_ns=NOW)
    run_sql(path, statement)

    def read() -> None:
        with store.read() as tx:
            list(tx.requests.all())
            tx.operators.all()

    with pytest.raises(StoreCorrupt, match="restore a backup"):
        read()


ATTACKS = {
    "edit": (["UPDATE audit_record SET body = replace(body, 'kill', 'calm') WHERE seq = 4"], 4, Fault.EDITED),
    "blob edit": (["UPDATE audit_record SET body = x'7b7d' WHERE seq = 4"], 4, Fault.EDITED),
    "number": (["UPDATE audit_record SET body = 17 WHERE seq = 4"], 4, Fault.EDITED),
    "leaf": (["UPDATE audit_record SET leaf = 5 WHERE seq = 4"], 4, Fault.EDITED),
    "deletion": (["DELETE FROM audit_record WHERE seq = 4"], 4, Fault.DELETED),
    "deletion, renumbered": (
        ["DELETE FROM audit_record WHERE seq = 4", "UPDATE audit_record SET seq = seq - 1 WHERE seq > 4"],
        4,
        Fault.DELETED,
    ),
    "insertion between": (
        ["INSERT INTO audit_record SELECT 4.5, body, leaf FROM audit_record WHERE seq = 4"],
        5,
        Fault.INSERTED,
    ),
    "insertion at the end": (
        ["INSERT INTO audit_record SELECT 10, body, leaf FROM audit_record WHERE seq = 4"],
        10,
        Fault.INSERTED,
    ),
    "swap": (
        [
            "UPDATE audit_record SET seq = 99 WHERE seq = 4",
            "UPDATE audit_record SET seq = 4 WHERE seq = 5",
            "UPDATE audit_record SET seq = 5 WHERE seq = 99",
        ],
        4,
        Fault.SWAPPED,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_done_to_the_file_is_named(store: Store, path: Path, name: str) -> None:
    statements, seq, fault = ATTACKS[name]
    with store.begin() as tx:
        for number in range(9):
            tx.audit.append(entry(reason=str(number)))
    dropped = [f"DROP TRIGGER audit_record_no_{verb}" for verb in ("update", "delete")]
    run_sql(path, *dropped, *statements)
    with store.read() as tx:
        found = verify(tx.audit.iterate())
    assert isinstance(found, Broken)
    assert (found.seq, found.fault) == (seq, fault)


def test_a_backup_by_copying_opens(store: Store, path: Path, tmp_path: Path) -> None:
    with store.begin() as tx:
        tx.audit.append(entry(actor=ALICE, time_ns=NOW))
    store.close()
    shutil.copy(path, tmp_path / "copy.db")
    with closing(Store.open(tmp_path / "copy.db")) as copy, copy.read() as tx:
        assert isinstance(verify(tx.audit.iterate()), Intact)
