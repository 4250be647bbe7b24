"""What somebody wrote moves no terminal of whoever reads it there."""

import json
from pathlib import Path

import pytest

from dashboard.cli import main
from dashboard.cli.guarded import service_of
from gates.changes.content import Terms
from gates.policy.intent import Actor, Role
from gates.store.store import Store
from tests.dashboard.auth.town import town

CODES = "\x1b]0;owned\x07\x1b[2J\x9b2J\r\u202egnp\u2066"


@pytest.mark.parametrize("words", [("controls", "show"), ("controls", "history"), ("audit", "show", "3")])
@pytest.mark.parametrize("json_wanted", [(), ("--json",)], ids=["words", "json"])
def test_codes_of_a_reason_are_shown(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    json_wanted: tuple[str, ...],
) -> None:
    people = town(tmp_path)
    store = Store.open(people.home.store)
    service = service_of(people.home, store)
    somebody = Actor(f"local|m{CODES}", frozenset(Role))
    service.propose(somebody, {"percent": 10}, Terms(reason=f"see {CODES}", decision_record="ADR-7"))
    service.propose_narrowing(somebody, {"percent": 1}, Terms(reason=f"see {CODES}"))
    store.close()
    main([*words, *json_wanted, "--home", str(people.home.root)])
    out, err = capsys.readouterr()
    assert out
    assert not [char for char in out + err if not char.isprintable() and char != "\n"]
    if json_wanted:
        for line in out.strip().splitlines():
            json.loads(line)
