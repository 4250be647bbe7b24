"""What only a server may do to us: out of reach, locked, damaged, forbidden, another's."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from gates.errors import (
    AlreadyThere,
    GateError,
    InvalidEntry,
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
from gates.store.migrations import MIGRATIONS, migrate
from gates.store.postgresql import Postgresql
from gates.store.store import Store
from gates.store.tables import APPEND_ONLY
from tests.gates.controls.files import in_child
from tests.gates.store.builders import (
    ALICE,
    NOW,
    entry,
    fill_append_only,
    request,
)
from tests.gates.store.server import Server, running


@pytest.fixture
def url(request: pytest.FixtureRequest, postgresql: Server) -> str:
    """Of an empty database; where a test asks for the `store`, too, of that."""
    return postgresql.new_store() if "store" in request.fixturenames else postgresql.new_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url, busy_seconds=0.05)
    with opened.begin() as tx:
        tx.settings.set("mode", "shadow")
    yield opened
    opened.close()


def run_sql(url: str, *statements: str) -> None:
    """What somebody with the database's shell can do."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def at_layout(url: str, number: int) -> None:
    dialect = Postgresql(url, 1)
    migrate(dialect, MIGRATIONS[:number])
    dialect.close()


def triggers_of(url: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT tgrelid::regclass::text, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
        )
        return {(str(table), str(enabled)) for table, enabled in rows}


class TestOpening:
    def test_either_scheme_opens_it(self, store: Store, url: str) -> None:
        for spelled in (url, url.replace("postgresql://", "postgres://")):
            with closing(Store.open(spelled)) as again, again.read() as tx:
                assert tx.settings.get("mode") == "shadow"

    def test_an_empty_database_is_no_store(self, url: str) -> None:
        with pytest.raises(StoreMissing, match="slotgate init"):
            Store.open(url)

    def test_a_store_is_not_made_over_another(self, store: Store, url: str) -> None:
        with pytest.raises(AlreadyThere):
            Store.create(url)

    def test_a_database_of_somebody_else(self, url: str) -> None:
        run_sql(url, "CREATE TABLE invoice (number INTEGER)")
        with pytest.raises(StoreCorrupt, match="no store of slotgate"):
            Store.open(url)
        with pytest.raises(AlreadyThere):
            Store.create(url)

    def test_a_database_that_is_not_there(self, postgresql: Server) -> None:
        with pytest.raises(StoreMissing, match="cannot be reached") as raised:
            Store.open(postgresql.url("nothing"))
        assert raised.value.exit_code == 4

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StoreMissing, match="cannot be reached"):
            Store.open(f"postgresql://somebody:secret@/store?host={tmp_path}")

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://user:secret@localhost:port/store",
            "postgresql://user:secret@localhost/store?nothing=1",
            "postgresql://user:secret@[::1/store",
            "mysql://user:secret@localhost/store",
            "sqlite:///",
        ],
    )
    def test_a_url_that_is_none_is_refused_and_its_password_not_said(self, url: str) -> None:
        for attempt in (Store.open, Store.create):
            with pytest.raises(StoreError) as raised:
                attempt(url)
            assert "secret" not in str(raised.value)

    def test_the_name_tells_no_password(self, postgresql: Server) -> None:
        named = Postgresql("postgresql://user:secret@db.example:5433/store?password=secret", 1).name
        assert named == "the store `postgresql://db.example:5433/store`"

    def test_a_path_and_a_file_url_are_the_same_store(self, tmp_path: Path) -> None:
        path = tmp_path / "a b" / "gate.db"
        Store.create(str(path)).close()
        Store.open(f"sqlite:///{str(path).replace(' ', '%20')}").close()
        assert path.is_file()


class TestTransactions:
    def test_a_writer_waits_for_the_other_only_so_long(self, store: Store, url: str) -> None:
        with closing(Store.open(url)) as other, other.begin():
            with pytest.raises(StoreLocked, match="try again") as raised, store.begin() as tx:
                tx.settings.set("mode", "off")
            with store.read() as tx:
                assert tx.settings.get("mode") == "shadow"
        assert raised.value.exit_code == 4
        with store.begin() as tx:
            tx.settings.set("mode", "off")

    def test_a_writer_that_waited_sees_what_the_other_wrote(self, store: Store, url: str) -> None:
        entered = threading.Event()

        def first() -> None:
            with closing(Store.open(url)) as mine, mine.begin() as tx:
                tx.settings.set("mode", "enforce")
                entered.set()
                time.sleep(0.3)

        thread = threading.Thread(target=first)
        with closing(Store.open(url, busy_seconds=60)) as patient:
            thread.start()
            entered.wait()
            with patient.begin() as tx:
                assert tx.settings.get("mode") == "enforce"
        thread.join()

    def test_a_row_locked_by_a_shell_is_not_waited_for_longer(self, store: Store, url: str) -> None:
        with psycopg.connect(url) as shell:
            shell.execute("UPDATE setting SET value = 'off'")
            with pytest.raises(StoreLocked), store.begin() as tx:
                tx.settings.set("mode", "off")
            shell.rollback()

    def test_reading_sees_one_moment(self, store: Store, url: str) -> None:
        with store.read() as tx:
            assert tx.settings.get("mode") == "shadow"
            with closing(Store.open(url)) as other, other.begin() as writing:
                writing.settings.set("mode", "enforce")
                writing.audit.append(entry())
            assert tx.settings.get("mode") == "shadow"
            assert tx.audit.tail() is None
        with store.read() as tx:
            assert tx.settings.get("mode") == "enforce"

    def test_a_commit_is_durable_where_the_server_would_answer_sooner(self, url: str) -> None:
        at_layout(url, 2)
        with Postgresql(url, 1).reading() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
        with Postgresql(url, 1).writing() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"

    def test_forks_connect_themselves(self, store: Store, url: str) -> None:
        store = Store.open(url, busy_seconds=60)

        def works() -> bool:
            for number in range(10):
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
        assert found.records == 30


class TestFailures:
    def test_a_server_that_ends(self) -> None:
        with running() as server:
            store = Store.create(server.new_database())
        with pytest.raises(StoreMissing, match="cannot be reached"), store.begin() as tx:
            tx.settings.get("mode")

    def test_a_connection_that_is_ended_takes_everything_back(self, store: Store, postgresql: Server) -> None:
        def cut() -> None:
            with store.begin() as tx:
                tx.settings.set("mode", "off")
                postgresql.run(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE state = 'idle in transaction'",
                )
                tx.settings.get("mode")

        with pytest.raises(StoreMissing):
            cut()
        with store.read() as tx:
            assert tx.settings.get("mode") == "shadow"

    def test_another_user_may_neither_read_nor_write(
        self, store: Store, url: str, postgresql: Server
    ) -> None:
        run_sql(
            url,
            "DROP ROLE IF EXISTS guest",
            "CREATE ROLE guest LOGIN",
        )
        with pytest.raises(StoreReadOnly, match="give its user the right"):
            Store.open(url.replace("owner@", "guest@"))
        with pytest.raises(StoreReadOnly):
            Store.create(postgresql.new_database().replace("owner@", "guest@"))

    def test_a_server_that_only_reads(self, store: Store, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        run_sql(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(StoreReadOnly), store.begin() as tx:
            tx.settings.set("mode", "off")
        with store.read() as tx:
            assert tx.settings.get("mode") == "shadow"

    def test_a_table_that_is_gone_is_damage(self, store: Store, url: str) -> None:
        run_sql(url, "DROP TABLE setting")
        with pytest.raises(StoreCorrupt, match="restore a backup"), store.read() as tx:
            tx.settings.get("mode")

    @pytest.mark.parametrize(
        ("name", "meaning"),
        [
            ("DiskFull", StoreFull),
            ("DataCorrupted", StoreCorrupt),
            ("IndexCorrupted", StoreCorrupt),
            ("DeadlockDetected", StoreLocked),
            ("SerializationFailure", StoreLocked),
            ("InvalidPassword", StoreReadOnly),
            ("TooManyConnections", StoreMissing),
            ("CannotConnectNow", StoreMissing),
            ("ConnectionFailure", StoreMissing),
            ("StringDataRightTruncation", InvalidEntry),
            ("InternalError_", StoreError),
        ],
    )
    def test_what_the_server_says_has_a_meaning(self, url: str, name: str, meaning: type[GateError]) -> None:
        original = getattr(psycopg.errors, name)("in words")
        assert type(Postgresql(url, 1).failure(DBAPIError("", None, original))) is meaning

    def test_a_name_the_database_cannot_hold(self, store: Store) -> None:
        with pytest.raises(InvalidEntry), store.begin() as tx:
            tx.operators.add("local|a\0b", frozenset(), by=None, at_ns=NOW)

    def test_damage_is_found_by_the_check(self, store: Store, url: str) -> None:
        assert store.damage() == ()
        run_sql(
            url,
            "SET session_replication_role = replica",
            "INSERT INTO operator_role VALUES ('nobody', 'admin')",
            "ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only",
        )
        stray, unprotected = store.damage()
        assert "operator_role" in stray
        assert "audit_record" in unprotected


class TestLayouts:
    @pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
    def test_every_layout_is_brought_to_the_newest(self, url: str, number: int) -> None:
        at_layout(url, number)
        run_sql(url, "INSERT INTO setting VALUES ('mode', 'enforce')")
        with closing(Store.open(url)) as store, store.begin() as tx:
            assert tx.settings.get("mode") == "enforce"
            tx.audit.append(entry())
        assert triggers_of(url) == {(table.name, "A") for table in APPEND_ONLY}
        with psycopg.connect(url) as connection:
            rows = connection.execute("SELECT version, name FROM layout ORDER BY version").fetchall()
        assert rows == [(n, one.name) for n, one in enumerate(MIGRATIONS, 1)]

    def test_a_step_that_fails_leaves_the_layout_before(self, url: str) -> None:
        at_layout(url, 1)
        run_sql(url, "CREATE TABLE audit_checkpoint (x INTEGER)")
        with pytest.raises(StoreError):
            Store.open(url)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT to_regclass('audit_record')").fetchone() == (None,)
            assert connection.execute("SELECT max(version) FROM layout").fetchone() == (1,)
        run_sql(url, "DROP TABLE audit_checkpoint")
        Store.open(url).close()

    def test_a_newer_layout_is_refused(self, store: Store, url: str) -> None:
        run_sql(url, "INSERT INTO layout VALUES (99, 'from the future', 0)")
        with pytest.raises(StoreTooNew, match="update slotgate"):
            Store.open(url)

    def test_processes_may_migrate_at_once(self, url: str) -> None:
        at_layout(url, 1)

        def opened() -> bool:
            Store.open(url, busy_seconds=60).close()
            return True

        children = []
        for _ in range(4):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if in_child(opened) else 1)
            children.append(pid)
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4


class TestAppendOnly:
    @pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
    def test_rows_are_neither_changed_nor_deleted(self, store: Store, url: str, table: str) -> None:
        with store.begin() as tx:
            fill_append_only(tx)
        column = {
            "revision": "step",
            "approval": "approver_id",
            "evidence": "sha256",
            "audit_record": "leaf",
            "audit_checkpoint": "root",
            "threshold": "actor_id",
            "review": "verdict",
            "request_comment": "text",
            "task_event": "kind",
            "task_artifact": "digest",
        }[table]
        for statement in (f"UPDATE {table} SET {column} = '7'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            for role in ("origin", "replica"):
                with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
                    run_sql(url, f"SET session_replication_role = {role}", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE request SET state = 'done'",
        "UPDATE request SET content_json = '{'",
        "UPDATE operator_role SET role = 'king'",
    ],
)
def test_what_nobody_could_have_written_is_damage(store: Store, url: str, statement: str) -> None:
    with store.begin() as tx:
        tx.requests.create(request())
        tx.operators.add(ALICE, frozenset({Role.ADMIN}), by=None, at_ns=NOW)
    run_sql(url, statement)

    def read() -> None:
        with store.read() as tx:
            list(tx.requests.all())
            tx.operators.all()

    with pytest.raises(StoreCorrupt, match="restore a backup"):
        read()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_record SET body = '\\x7b7d' WHERE seq = 4", Fault.EDITED),
        ("DELETE FROM audit_record WHERE seq = 4", Fault.DELETED),
    ],
    ids=["edited", "deleted"],
)
def test_what_is_done_to_the_chain_is_named(store: Store, url: str, statement: str, fault: Fault) -> None:
    with store.begin() as tx:
        for number in range(9):
            tx.audit.append(entry(reason=str(number)))
    run_sql(url, "DROP TRIGGER audit_record_append_only ON audit_record", statement)
    with store.read() as tx:
        found = verify(tx.audit.iterate())
    assert isinstance(found, Broken)
    assert (found.seq, found.fault) == (4, fault)
