"""What `slotgate doctor` says of the tasks."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.cli.main import main
from gates.home import Home
from gates.store.store import Store
from gates.tasks.events import EventKind
from tests.gates.store.builders import created
from tests.gates.store.test_sqlite import run_sql
from tests.gates.store.test_tasks_contract import event


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir(mode=0o700)
    with closing(Store.create(made.store)) as store, store.begin() as tx:
        for number in range(7):
            tx.tasks.append(created(f"t{number}"))
        tx.tasks.append(event(EventKind.CLAIMED, task_id="t1"))
    return made


def asked(home: Home, capfd: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    code = main(["doctor", "--invariants", "--home", str(home.root), "--json"])
    return code, json.loads(capfd.readouterr().out)["findings"]


def test_all_is_well(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    code, findings = asked(home, capfd)
    assert (code, [one["check"] for one in findings]) == (0, ["tasks"])


def test_what_does_not_hold_is_named(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    run_sql(
        home.store, "UPDATE run_view SET run = 5", "UPDATE run_view SET last_seq = 1 WHERE task_id = 't1'"
    )
    code, findings = asked(home, capfd)
    assert code == 1
    words = [one["words"] for one in findings]
    assert any("a view names the first and the last event" in one and one.endswith("`t1`") for one in words)
    assert any("runs are counted" in one and one.endswith("`t4` and 2 more") for one in words)
    assert all(one["todo"] for one in findings)


def test_a_store_that_cannot_be_used(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.store.write_bytes(b"nothing like a database" * 400)
    code, findings = asked(home, capfd)
    assert (code, findings[0]["check"]) == (1, "store")


def test_an_allowlist_that_is_none(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    home.task_mutations.write_text("{")
    home.task_mutations.chmod(0o600)
    main(["doctor", "--home", str(home.root), "--json"])
    (found,) = (o for o in json.loads(capfd.readouterr().out)["findings"] if o["check"] == "task routes")
    assert not found["ok"]
    assert "no route may change a task" in found["words"]
