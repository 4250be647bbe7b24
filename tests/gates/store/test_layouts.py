"""Stores of every layout since the first, with rows: nothing is lost by an update, and the chain is whole.

`layouts/N.sql` is what layout N added, as it was released. A file of that layout is made of it, and filled
with the rows of today, as far as it had tables for them.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gates.store.audit.verify import Intact, TreeHead, verify
from gates.store.migrations import MIGRATIONS
from gates.store.store import Store
from tests.gates.store.builders import approval, created, entry, look, request, revision, thresholds
from tests.gates.store.test_sqlite import LAYOUT, schema_of

LAYOUTS = Path(__file__).with_name("layouts")
FIRST_AUDIT = 2
RECORDS = 5


def statements(layout: int) -> str:
    return (LAYOUTS / f"{layout}.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of today, with rows in the tables of every layout."""
    path = tmp_path_factory.mktemp("filled") / "home" / "gate.db"
    with closing(Store.create(path)) as store, store.begin() as tx:
        tx.settings.set("mode", "enforce")
        for number in (1, 2):
            tx.revisions.append(revision(number))
        tx.requests.create(request())
        tx.approvals.add(approval(1))
        tx.thresholds.append(thresholds(1))
        tx.reviews.add(look())
        tx.tasks.append(created())
        for n in range(RECORDS):
            tx.audit.append(entry(reason=f"record {n} é"))
    return path


def of_layout(path: Path, filled: Path, layout: int) -> dict[str, list[tuple[object, ...]]]:
    """Make a store of that layout; its rows, by table."""
    path.parent.mkdir(mode=0o700)
    rows = {}
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(1, layout + 1):
            connection.executescript(statements(number))
        connection.execute("ATTACH ? AS today", [str(filled)])
        tables = [
            row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            connection.execute(
                f"INSERT INTO main.{table} SELECT * FROM today.{table}"
                + (f" WHERE version <= {layout}" if table == "layout" else "")
            )
            rows[table] = connection.execute(f"SELECT * FROM main.{table} ORDER BY 1").fetchall()
        connection.commit()
    path.chmod(0o600)
    return rows


@pytest.mark.parametrize("layout", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_every_layout_keeps_its_rows_and_its_chain(
    tmp_path: Path, filled: Path, layout: int
) -> None:
    path = tmp_path / "home" / "gate.db"
    before = of_layout(path, filled, layout)
    with closing(Store.open(path)) as store:
        with store.read() as tx:
            found = verify(tx.audit.iterate())
        with closing(Store.open(filled)) as today, today.read() as tx:
            expected = verify(tx.audit.iterate())
        assert isinstance(found, Intact)
        assert isinstance(expected, Intact)
        if layout >= FIRST_AUDIT:
            assert found == expected
            assert found.records == RECORDS
        with store.begin() as tx:
            tx.audit.append(entry(reason="goes on"))
        with store.read() as tx:
            on = verify(tx.audit.iterate(), [TreeHead(found.records, found.root)] if found.records else [])
        assert isinstance(on, Intact)
        assert on.records == found.records + 1
        assert store.damage() == ()
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in before.items():
            if table not in ("layout", "audit_record"):
                assert connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() == rows, table
    assert schema_of(path) == LAYOUT.read_text(encoding="utf-8")


def test_what_was_released_is_what_is_on_record(tmp_path: Path) -> None:
    """Never change a released layout: append one. What it adds goes into `layouts/N.sql`, its name first."""
    names = [
        statements(number).partition("\n")[0] for number in range(1, len(list(LAYOUTS.glob("*.sql"))) + 1)
    ]
    assert names == [f"-- {one.name}" for one in MIGRATIONS]
    with closing(sqlite3.connect(tmp_path / "gate.db")) as connection:
        for number in range(1, len(names) + 1):
            connection.executescript(statements(number))
    assert schema_of(tmp_path / "gate.db") == LAYOUT.read_text(encoding="utf-8")
