"""`slotgate operators password` and `slotgate sessions`, run as they are called."""

import io
import json
from pathlib import Path

import pytest

from dashboard.auth.passwords import fits
from dashboard.auth.sessions import Method, Sessions, Standing
from dashboard.cli.main import main
from gates.policy.intent import Role
from gates.store.store import Store
from tests.dashboard.auth.town import ALICE, BOB

GOOD = "a long enough password"


@pytest.fixture
def home(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ENFORCEMENT_MODE", "SLOTGATE_TOKEN", "SLOTGATE_HOME", "SLOTGATE_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "--home", str(tmp_path / "home"), "--operator", "alice", "--json"]) == 0
    (tmp_path / "token").write_text(json.loads(capfd.readouterr().out)["token"])
    return tmp_path / "home"


def password(home: Path, typed: str, monkeypatch: pytest.MonkeyPatch, name: str = "alice") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    token = str(home.parent / "token")
    return main(["operators", "password", name, "--home", str(home), "--token-file", token, "--json"])


def stored(home: Path, name: str = ALICE) -> str | None:
    store = Store.open(home / "gate.db")
    with store.read() as tx:
        found = tx.passwords.get(name)
    store.close()
    return found


def test_a_person_sets_their_own_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(home / "sessions")
    open_one = sessions.open(ALICE, "alice", frozenset({Role.ONCALL}), Method.TOKEN).session
    assert password(home, f"{GOOD}\n", monkeypatch) == 0
    assert fits(GOOD, stored(home))
    after = sessions.get(open_one.name)
    assert after is not None
    assert after.standing(after.created_ns) is Standing.OVER


@pytest.mark.parametrize("typed", ["", "\n", "short\n", "aaaaaaaaaaaaaaaa\n"], ids=repr)
def test_a_poor_one_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    assert password(home, typed, monkeypatch) == 3
    assert stored(home) is None


def test_nobody_sets_that_of_somebody_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert password(home, f"{GOOD}\n", monkeypatch, "bob") == 1
    assert stored(home, BOB) is None


def test_sessions_are_listed_and_ended(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(home / "sessions")
    first = sessions.open(ALICE, "alice", frozenset(), Method.OIDC)
    sessions.open(BOB, "bob", frozenset(), Method.PASSWORD)
    sessions.open(BOB, "bob", frozenset(), Method.PASSWORD)
    at_home = ["--home", str(home)]
    capfd.readouterr()
    assert main(["sessions", "list", "--json", *at_home]) == 0
    out = capfd.readouterr().out
    assert first.session_id not in out
    listed = json.loads(out)["sessions"]
    assert [(one["operator"], one["method"], one["standing"]) for one in listed] == [
        (ALICE, "oidc", "live"),
        (BOB, "password", "live"),
        (BOB, "password", "live"),
    ]
    assert main(["sessions", "end", listed[0]["session"], *at_home]) == 0
    assert main(["sessions", "end", "bob", "--json", *at_home]) == 0
    assert main(["sessions", "list", *at_home]) == 0
    assert capfd.readouterr().out == 'sessions ended: 1\n{"ended": 2}\n'
    assert main(["sessions", "end", "bob", *at_home]) == 1
    store = Store.open(home / "gate.db")
    with store.read() as tx:
        actions = [json.loads(record.body)["action"] for record in tx.audit.iterate()]
    store.close()
    assert actions[-3:] == ["end session"] * 3
