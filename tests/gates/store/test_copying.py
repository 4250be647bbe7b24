"""One snapshot of a store that goes on being used; a copy keeps the layout it had."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gates.errors import AlreadyThere, StoreCorrupt, StoreFull, StoreMissing
from gates.store.audit.verify import Intact, verify
from gates.store.copying import NEWEST_LAYOUT, StoreFacts, copy_store, facts_of
from gates.store.migrations import MIGRATIONS, migrate
from gates.store.sqlite import Sqlite, make_file
from gates.store.store import Store
from tests.gates.controls.files import full_disk, in_child
from tests.gates.store.builders import entry, revision


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "gate.db"
    with closing(Store.create(path)) as store, store.begin() as tx:
        tx.settings.set("environment", "production")
        tx.revisions.append(revision(7))
        tx.audit.append(entry())
    return path


def test_a_copy_holds_the_store_and_says_what_it_is(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert copy_store(path, target) == StoreFacts(NEWEST_LAYOUT, "production", 7)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob("copy.db*")] == ["copy.db"], "nothing lies beside it"
    with closing(Store.open(target)) as copy, copy.read() as tx:
        assert copy.damage() == ()
        assert isinstance(verify(tx.audit.iterate()), Intact)


def test_writers_do_not_wait_and_what_they_have_not_committed_is_not_in_it(
    path: Path, tmp_path: Path
) -> None:
    with closing(Store.open(path, busy_seconds=0)) as store, store.begin() as tx:
        tx.settings.set("environment", "half done")
        assert copy_store(path, tmp_path / "copy.db").environment == "production"
    assert facts_of(path).environment == "half done"


def test_a_copy_of_an_older_layout_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "gate.db"
    make_file(path)
    migrate(Sqlite(path, 0), MIGRATIONS[:2])
    assert copy_store(path, tmp_path / "copy.db") == StoreFacts(2, None, None)
    assert facts_of(path).layout == 2


def test_nothing_is_written_over(path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"mine")
    with pytest.raises(AlreadyThere):
        copy_store(path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"mine"


def test_a_store_that_is_none_or_gone_is_said(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no store"):
        copy_store(tmp_path / "gate.db", tmp_path / "copy.db")
    path.write_bytes(b"no database, but long enough to be looked at" * 100)
    with pytest.raises(StoreCorrupt, match=r"home/gate\.db"):
        copy_store(path, tmp_path / "copy.db")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as foreign:
        foreign.execute("CREATE TABLE mine (one)")
    with pytest.raises(StoreCorrupt, match="no store of slotgate"):
        copy_store(other, tmp_path / "another.db")


def test_a_full_disk_is_that_of_the_copy(path: Path, tmp_path: Path) -> None:
    def fails() -> bool:
        with full_disk(40_000), pytest.raises(StoreFull, match=r"the copy `.*copy\.db` cannot be written"):
            copy_store(path, tmp_path / "copy.db")
        return True

    assert in_child(fails)
    assert facts_of(path).revision == 7
