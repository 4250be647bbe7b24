"""A home whose store is a PostgreSQL database named by SLOTGATE_STORE_URL: the commands as processes."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.dashboard.cli.homes import SAID, answer, run
from tests.gates.store.server import Server

ALICE = ("--token-file", "alice.token")


@dataclass(frozen=True)
class Place:
    """A folder with a home, and where its store is."""

    folder: Path
    url: str

    def answer(self, *words: str) -> dict[str, Any]:
        return answer(self.folder, *words, SLOTGATE_STORE_URL=self.url)

    @property
    def controls(self) -> dict[str, object]:
        file = self.folder / ".slotgate" / "controls" / "control.json"
        found: dict[str, object] = json.loads(file.read_bytes())
        return found


def made(folder: Path, url: str) -> Place:
    folder.mkdir()
    place = Place(folder, url)
    token = place.answer("init", "--operator", "alice", "--environment", "test")["token"]
    (folder / "alice.token").write_text(token)
    return place


def opened_up(place: Place) -> None:
    number = str(place.answer("propose", "--kill", "off", *SAID, *ALICE)["request"])
    place.answer("apply", number, *ALICE)
    assert place.controls["kill"] is False


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Place:
    return made(tmp_path_factory.mktemp("made") / "place", postgresql.new_database())


@pytest.fixture(scope="module")
def opened_up_once(made_once: Place, tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Place:
    place = copied(made_once, tmp_path_factory.mktemp("opened_up"), postgresql)
    opened_up(place)
    return place


@pytest.fixture
def place(made_once: Place, tmp_path: Path, postgresql: Server) -> Place:
    return copied(made_once, tmp_path, postgresql)


@pytest.fixture
def opened(opened_up_once: Place, tmp_path: Path, postgresql: Server) -> Place:
    """The same, where jobs may run."""
    return copied(opened_up_once, tmp_path, postgresql)


def copied(place: Place, folder: Path, server: Server) -> Place:
    """The same home and store, somewhere else."""
    name = f"of_{folder.name}"
    of = urlsplit(place.url).path.removeprefix("/")
    server.run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY file_copy')
    return Place(shutil.copytree(place.folder, folder / "place"), server.url(name))


def actions(place: Place) -> list[str]:
    records = place.answer("audit", "list")["records"]
    return [record["action"] for record in records]


def test_a_change_goes_its_way(opened: Place) -> None:
    assert not (opened.folder / ".slotgate" / "gate.db").exists()
    assert "apply" in actions(opened)
    assert opened.answer("audit", "verify")["intact"] is True
    findings = opened.answer("doctor")["findings"]
    assert {one["check"]: one["ok"] for one in findings}["store"] is True
    assert {one["check"]: one["ok"] for one in findings}["permissions"] is True


def test_a_kill_is_recorded_where_the_store_is(opened: Place) -> None:
    killed = opened.answer("kill", "--reason", "errors")
    assert (killed["killed"], killed["recorded"]) == (True, True)
    assert "kill" in actions(opened)


@pytest.mark.parametrize(
    "variables",
    [{}, {"SLOTGATE_STORE_URL": "postgresql://nobody@/none?host=/nowhere"}],
    ids=["unnamed", "out of reach"],
)
def test_a_kill_needs_no_store(opened: Place, variables: dict[str, str]) -> None:
    killed = answer(opened.folder, "kill", "--reason", "errors", code=0, **variables)
    assert (killed["killed"], killed["recorded"]) == (True, False)
    assert opened.controls["kill"] is True
    run(opened.folder, "audit", "verify", SLOTGATE_STORE_URL=opened.url)
    opened.answer("propose", "--feature", "on", *SAID, *ALICE)
    assert "kill" in actions(opened)
    assert opened.controls["kill"] is True


def test_the_store_of_another_home_is_refused(place: Place, tmp_path: Path, postgresql: Server) -> None:
    other = made(tmp_path / "other", postgresql.new_database())
    opened_up(other)
    before = place.controls
    for words in (("propose", "--feature", "on", *SAID, *ALICE), ("audit", "list"), ("controls", "show")):
        assert "is not that of" in run(place.folder, *words, code=4, SLOTGATE_STORE_URL=other.url)[1]
    assert place.controls == before
    killed = answer(place.folder, "kill", "--reason", "errors", SLOTGATE_STORE_URL=other.url)
    assert (killed["killed"], killed["recorded"]) == (True, False)
    assert "kill" not in actions(other)


def test_without_the_variable_the_store_is_not_looked_for_in_the_home(place: Place) -> None:
    assert "set SLOTGATE_STORE_URL" in run(place.folder, "audit", "list", code=4)[1]
    run(place.folder, "init", code=4)
    assert not (place.folder / ".slotgate" / "gate.db").exists()


def test_a_second_home_takes_no_store_of_the_first(place: Place, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    run(second, "init", code=5, SLOTGATE_STORE_URL=place.url)
    run(place.folder, "init", code=5, SLOTGATE_STORE_URL=place.url)
    opened_up(place)


def test_a_home_with_a_store_of_its_own_takes_no_other(tmp_path: Path, postgresql: Server) -> None:
    answer(tmp_path, "init")
    url = postgresql.new_database()
    run(tmp_path, "init", code=5, SLOTGATE_STORE_URL=url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('layout')").fetchone() == (None,)
    run(tmp_path, "audit", "list", code=4, SLOTGATE_STORE_URL=url)
    run(tmp_path, "audit", "list", SLOTGATE_STORE_URL="")


def test_a_password_is_not_said(place: Place) -> None:
    url = "postgresql://alice:secret@localhost:1/none?connect_timeout=2"
    out, err = run(place.folder, "audit", "list", code=4, SLOTGATE_STORE_URL=url)
    assert "cannot be reached" in err
    assert "secret" not in out + err
