"""`slotgate ingest quarantine`: what is there, one record, and the second reading on record."""

import json
from pathlib import Path

import pytest

from gates.home import Home
from ingest.loading.load import load
from ingest.quarantine import RecordPlace
from ingest.store import TelemetryStore
from tests.dashboard.auth.town import Town, now, town
from tests.dashboard.record import line
from tests.ingest.test_quarantine import as_an_older_parser_left_it
from tests.warm import commands


@pytest.fixture
def people(tmp_path: Path) -> Town:
    return town(tmp_path, clock=now())


def filled(home: Home, folder: Path) -> str:
    """Two records in quarantine: one that is valid now, whose name is answered, and one that is not."""
    path = folder / "old.log"
    path.write_bytes(line("good") + b"\n" + line("bad\x1b[31m").replace(b'"v1"', b'"v3"') + b"\nend\n")
    with TelemetryStore.open(home.telemetry) as store:
        load(store, [path], None)
        as_an_older_parser_left_it(store, RecordPlace(1, 0, 0), line("good"))
    return "1:0:0"


def asked(people: Town, *words: str, token: str = "alice", code: int = 0) -> str:
    done = commands.run(
        people.home.root.parent,
        "ingest",
        "quarantine",
        *words,
        "--home",
        str(people.home.root),
        environ=commands.environment(SLOTGATE_TOKEN=people.tokens[token]),
    )
    assert done.returncode == code, done.stderr
    return str((done.stdout + done.stderr).decode())


def test_list_show_and_replay(people: Town, tmp_path: Path) -> None:
    good = filled(people.home, tmp_path)
    listed = json.loads(asked(people, "list", "--json"))
    assert (listed["count"], {one["cause"] for one in listed["by_cause"]}) == (
        2,
        {"UNKNOWN_KEY", "UNKNOWN_VERSION"},
    )
    bad = next(one["record"] for one in listed["records"] if one["cause"] == "UNKNOWN_VERSION")
    said = asked(people, "show", bad)
    assert "not valid: `version` is `v3`, not one of v1, v2" in said
    assert "\x1b" not in said
    assert json.loads(asked(people, "show", good, "--json"))["valid_now"] is True
    assert "1 accepted, 1 refused" in asked(people, "replay", "--all", "--reason", "newer parser", code=1)
    assert "already in: it is telemetry" in asked(people, "replay", good, "--reason", "again")
    assert json.loads(asked(people, "list", "--json"))["count"] == 1
    assert ("replay quarantine", "newer parser") in [(one, why) for _, one, why in people.actions()]


def test_who_may_not_and_what_is_not_there(people: Town, tmp_path: Path) -> None:
    good = filled(people.home, tmp_path)
    assert "it takes the role" in asked(people, "replay", good, "--reason", "x", token="bob", code=1)
    assert "no record `9:9:9`" in asked(people, "show", "9:9:9", code=1)
    assert "exactly one" in asked(people, "replay", "--reason", "x", code=3)
    assert "names no record" in asked(people, "show", "nonsense", code=2)
    assert json.loads(asked(people, "list", "--json"))["count"] == 2
