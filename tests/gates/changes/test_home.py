"""`init` makes a safe home, twice is a conflict, interrupted it goes on; late records survive torn lines."""

import stat
from pathlib import Path

import pytest

from gates.changes.late import LateFile, LateRecord
from gates.controls.reader import ControlFile
from gates.errors import AlreadyThere, HomeError
from gates.home import Home
from gates.policy.intent import Role
from gates.store.rows import AuditEntry
from gates.store.store import Store
from gates.store.tokens import token_id_of
from tests.gates.changes.world import START, real_home


class TestInit:
    def test_everything_is_closed_private_and_written_down(self, tmp_path: Path) -> None:
        home, token = real_home(tmp_path)
        controls = ControlFile(home.control_file).current()
        assert (controls.killed, controls.feature, controls.percent) == ("the kill switch is on", False, 0)
        for path in (home.root, *home.root.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        with Store.open(home.store).read() as tx:
            settings = tx.settings.all()
            assert settings["mode"] == "shadow"
            assert settings["environment"] == "test"
            assert (settings["latency_budget_p50_ms"], settings["latency_budget_p95_ms"]) == ("5000", "20000")
            (alice,) = tx.operators.all()
            assert (alice.operator_id, alice.roles) == ("local|alice", frozenset(Role))
            assert [row.token_id for row in tx.tokens.all()] == [token_id_of(token)]
        assert token.encode() not in home.store.read_bytes()

    def test_twice(self, tmp_path: Path) -> None:
        home, _ = real_home(tmp_path)
        before = home.control_file.read_bytes()
        with pytest.raises(AlreadyThere, match="is a home already"):
            real_home(tmp_path)
        assert home.control_file.read_bytes() == before

    def test_over_a_control_file_of_somebody_else(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "home")
        home.control_file.parent.mkdir(parents=True)
        home.control_file.write_bytes(b"{}")
        with pytest.raises(AlreadyThere, match="move it away"):
            real_home(tmp_path)

    def test_after_an_interruption(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "home")
        home.root.mkdir()
        Store.create(home.store).close()
        assert real_home(tmp_path)[1]

    def test_where_nothing_can_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "home").write_bytes(b"")
        with pytest.raises(HomeError):
            real_home(tmp_path)


class TestLate:
    def entry(self, action: str) -> LateRecord:
        entry = AuditEntry(time_ns=START, actor="os|x", roles=("oncall",), action=action, target="controls")
        return LateRecord(entry, None)

    def test_each_record_is_merged_once(self, tmp_path: Path) -> None:
        store, late = Store.in_memory(), LateFile(tmp_path / "late")
        for action in ("kill", "narrow"):
            late.spool(self.entry(action))
            for merged in (1, 0):
                with store.begin() as tx:
                    assert len(late.merge(tx, START + 5).new) == merged
        with store.read() as tx:
            assert [record.seq for record in tx.audit.iterate()] == [1, 2]

    def test_a_torn_line_spoils_no_other(self, tmp_path: Path) -> None:
        store, late = Store.in_memory(), LateFile(tmp_path / "late")
        late.spool(self.entry("kill"))
        path = tmp_path / "late" / "late.jsonl"
        path.write_bytes(path.read_bytes() + b'{"entry": {"time_ns": 12')
        late.spool(self.entry("narrow"))
        with store.begin() as tx:
            assert [one.entry.action for one in late.merge(tx, START).records] == ["kill", "narrow"]

    def test_without_a_file_there_is_nothing(self, tmp_path: Path) -> None:
        with Store.in_memory().begin() as tx:
            assert LateFile(tmp_path).merge(tx, START).records == ()
