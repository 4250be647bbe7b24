"""`slotgate operators` and `slotgate tokens`, run as they are called."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli.main import main
from gates.store.store import Store
from tests.dashboard.cli.homes import founded
from tests.ingest.store_from_template import put_empty

REASON = ["--reason", "a new colleague", "--decision-record", "https://decisions.example/1"]


class Shell:
    """Calls commands on one home as one person."""

    def __init__(self, home: Path, capfd: pytest.CaptureFixture[str], token: Path | None = None) -> None:
        self._home, self._capfd, self._token = home, capfd, token

    def told(self, *words: str) -> dict[str, Any]:
        """What a call says; it must end with 0."""
        self._capfd.readouterr()
        code = self.code(*words, "--json")
        said = self._capfd.readouterr()
        assert code == 0, said
        return dict(json.loads(said.out))

    def code(self, *words: str) -> int:
        """How a call ends."""
        shown = [] if self._token is None else ["--token-file", str(self._token)]
        return main([*words, "--home", str(self._home), *shown])

    def as_person(self, token: str) -> "Shell":
        """The same home, with the token of somebody else."""
        path = self._home.parent / token.split("_")[1]
        path.write_text(f"{token}\n")
        return Shell(self._home, self._capfd, path)


@pytest.fixture
def shell(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in ("ENFORCEMENT_MODE", "SLOTGATE_TOKEN", "SLOTGATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Shell(tmp_path / "home", capfd)


@pytest.fixture(scope="module")
def home_of_alice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with empty telemetry, which costs less to look at than none, and alice's token."""
    folder = founded(tmp_path_factory.mktemp("alice"))
    home = folder / ".slotgate"
    put_empty(home / "telemetry.duckdb")
    return home, (folder / "alice.token").read_text()


@pytest.fixture
def alice(shell: Shell, home_of_alice: tuple[Path, str], tmp_path: Path) -> Shell:
    home, token = home_of_alice
    shutil.copytree(home, tmp_path / "home")
    return shell.as_person(token)


def test_people_are_added_and_changed(alice: Shell, shell: Shell) -> None:
    alice.told("operators", "add", "bob", "--role", "approver", "--role", "viewer", *REASON)
    alice.told("operators", "add", "oidc|https://idp.example|carol", *REASON)
    first, bob, carol = shell.told("operators", "list")["operators"]
    assert (first["operator"], first["addedBy"]) == ("local|alice", None)
    assert (bob["operator"], bob["roles"], bob["addedBy"]) == (
        "local|bob",
        ["approver", "viewer"],
        "local|alice",
    )
    assert (carol["operator"], carol["roles"]) == ("oidc|https://idp.example|carol", [])
    alice.told("operators", "roles", "bob", "--role", "oncall", *REASON)
    alice.told("operators", "disable", "oidc|https://idp.example|carol", *REASON)
    _, bob, carol = shell.told("operators", "list")["operators"]
    assert bob["roles"] == ["oncall"]
    assert carol["disabledAt"] is not None


def test_a_token_is_shown_once_and_opens(alice: Shell, shell: Shell) -> None:
    alice.told("operators", "add", "bob", "--role", "admin", *REASON)
    text = alice.told("tokens", "create", "bob", "--days", "7", *REASON)["token"]
    bob = shell.as_person(text)
    bob.told("operators", "add", "carol", *REASON)
    listed = shell.told("tokens", "list")["tokens"]
    assert text.split("_")[2] not in json.dumps(listed)
    mine = next(one for one in listed if one["operator"] == "local|bob")
    assert (mine["token"], mine["scope"], mine["state"]) == (text.split("_")[1], "all", "valid")
    assert mine["lastUsed"] is not None
    alice.told("tokens", "revoke", mine["token"], *REASON)
    assert bob.code("operators", "add", "dave", *REASON) == 1
    states = {one["token"]: one["state"] for one in shell.told("tokens", "list")["tokens"]}
    assert states[mine["token"]] == "revoked"


def test_two_people_add_a_third_where_rules_are_enforced(alice: Shell, shell: Shell, tmp_path: Path) -> None:
    alice.told("operators", "add", "bob", "--role", "approver", *REASON)
    bob = shell.as_person(alice.told("tokens", "create", "bob", *REASON)["token"])
    with closing(Store.open(tmp_path / "home" / "gate.db")) as store, store.begin() as tx:
        tx.settings.set("mode", "enforce")
    asked = alice.told("operators", "add", "carol", "--role", "oncall", *REASON)
    assert asked["request"] is not None
    number = str(asked["request"])
    assert alice.code("approve", number) == 1
    assert alice.code("apply", number) == 1
    assert len(shell.told("operators", "list")["operators"]) == 2
    assert bob.code("approve", number) == 0
    # Alice added Bob a moment ago: he cannot be the second person for what she asks.
    assert alice.code("apply", number) == 1
    assert len(shell.told("operators", "list")["operators"]) == 2
    alice.told("operators", "disable", "bob", *REASON)
    assert len(shell.told("operators", "list")["operators"]) == 2


def test_a_kill_token_does_not_open_the_rest(alice: Shell, shell: Shell) -> None:
    text = alice.told("tokens", "create", "alice", "--scope", "kill", *REASON)["token"]
    assert shell.as_person(text).code("operators", "add", "bob", *REASON) == 1


def test_nobody_changes_people_without_a_token(alice: Shell, shell: Shell) -> None:
    assert shell.code("operators", "add", "bob", *REASON) == 1
    assert shell.code("tokens", "create", "alice", *REASON) == 1
    assert len(shell.told("operators", "list")["operators"]) == 1


def test_one_without_the_role_is_refused(alice: Shell, shell: Shell) -> None:
    alice.told("operators", "add", "bob", "--role", "viewer", *REASON)
    bob = shell.as_person(alice.told("tokens", "create", "bob", *REASON)["token"])
    assert bob.code("operators", "disable", "alice", *REASON) == 1
    assert {one["disabledAt"] for one in shell.told("operators", "list")["operators"]} == {None}


def test_conflicts_and_unknown_names(alice: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    assert alice.code("operators", "add", "alice", *REASON) == 5
    assert alice.code("operators", "roles", "nobody", *REASON) == 1
    assert alice.code("tokens", "create", "nobody", *REASON) == 1
    assert alice.code("tokens", "revoke", "nothing", *REASON) == 1
    assert capfd.readouterr().err.count("slotgate: ") == 4


@pytest.mark.parametrize(
    "words",
    [
        ["operators", "add", "bob", "--role", "king"],
        ["operators", "add", "b ob"],
        ["operators", "add", "|bob"],
        ["operators", "add", "b\x1bob"],
        ["tokens", "create", "bob", "--days", "0"],
        ["tokens", "create", "bob", "--days", "9999"],
        ["tokens", "create", "bob", "--scope", "some"],
        ["operators"],
        ["tokens"],
    ],
)
def test_wrong_words_are_a_usage_error(shell: Shell, words: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        shell.code(*words)
    assert raised.value.code == 2


def test_lists_in_words(alice: Shell, shell: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    alice.told("operators", "add", "bob", "--role", "viewer", *REASON)
    alice.told("tokens", "create", "bob", *REASON)
    alice.told("operators", "disable", "bob", *REASON)
    assert shell.code("operators", "list") == 0
    assert shell.code("tokens", "list") == 0
    first, second, used, revoked = capfd.readouterr().out.splitlines()
    assert "local|alice" in first
    assert "DISABLED" not in first
    assert "local|bob" in second
    assert "DISABLED" in second
    assert "last used" in used
    assert "revoked" in revoked


def test_the_last_admin_stays(alice: Shell, shell: Shell, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (["disable", "alice"], ["roles", "alice", "--role", "viewer"]):
        capfd.readouterr()
        assert alice.code("operators", *words, *REASON, "--json") == 1
        said = json.loads(capfd.readouterr().out)
        assert (said["outcome"], said["reasonCodes"]) == ("BLOCKED", ["E_LAST_ADMIN"])
    alice.told("operators", "add", "bob", "--role", "admin", *REASON)
    # An admin without a token could not act: theirs would be the last one.
    assert alice.code("operators", "disable", "alice", *REASON) == 1
    alice.told("tokens", "create", "bob", *REASON)
    alice.told("operators", "disable", "alice", *REASON)
    alone = shell.told("operators", "list")["operators"]
    assert [one["disabledAt"] is None for one in alone] == [False, True]
