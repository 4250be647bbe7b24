"""Names that lead nowhere: a wrong home is never an empty one, and an unset variable is no folder."""

import errno
import json
import os
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from dashboard.cli.home import home_asked
from dashboard.cli.load_words import named
from dashboard.cli.main import COMMANDS, main, module_of
from dashboard.cli.places import place
from gates.errors import HomeError
from ingest.errors import StoreError
from ingest.loading.summary import SourceSummary
from ingest.sources.counts import Counts
from ingest.store.failures import in_words
from tests.gates.controls.files import in_child

ASKING = (
    "report",
    "gate-audit",
    "doctor",
    "ingest rebuild",
    "ingest compact",
    "ingest mend",
    "ingest archive list",
    "ingest archive verify",
    "ingest archive adopt",
    "ingest quarantine list",
)

ANSWERING_THEMSELVES = {"kill", "exec", "run", "worker"}
"""A stop says that nothing was stopped; executors of a home that is none get stubs."""


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no home in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLOTGATE_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize("command", ASKING)
def test_a_home_that_is_not_there_is_no_empty_one(
    command: str, empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([*command.split(), "--home", "typo"]) == 4
    said = capsys.readouterr()
    todo = "make one with `slotgate init`, or name one with --home"
    assert (said.out, said.err) == ("", f"slotgate: there is no home `{empty / 'typo'}`; {todo}\n")
    monkeypatch.setenv("SLOTGATE_HOME", "gone")
    assert main(command.split()) == 4
    assert capsys.readouterr().err == f"slotgate: there is no home `{empty / 'gone'}`; {todo}\n"
    assert list(empty.iterdir()) == []


def test_a_home_of_somebody_else_is_no_empty_one(empty: Path) -> None:
    (empty / "theirs").mkdir(mode=0)

    def forbidden() -> bool:
        if os.geteuid() == 0:
            os.seteuid(65534)
        with pytest.raises(HomeError, match=r"may not look into `.*theirs`; run it as the one who owns"):
            home_asked(None, {"SLOTGATE_HOME": "theirs"}, empty)
        return True

    assert in_child(forbidden)


@pytest.mark.parametrize(
    "words",
    [
        "ingest load|",
        "ingest load|a.log|--home|",
        "ingest load|a.log|--controls|",
        "ingest follow|",
        "report|--home|",
        "doctor|--home|",
        "restore||--home|new",
        "restore|backup|--home|",
        "init|--home|",
        "gate-audit|--home|",
        "propose|--percent|0|--home|",
        "serve|--home|",
    ],
)
def test_what_is_empty_is_not_the_working_directory(
    words: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty / "a.log").write_text("a line\n")
    command, *rest = words.split("|")
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), *rest])
    assert ended.value.code == 2
    assert "`` names nothing; is a variable not set?" in capsys.readouterr().err
    assert [path.name for path in empty.iterdir()] == ["a.log"]


def homes(parser: ArgumentParser) -> Iterator[Action]:
    """`--home` of a command and of its own commands."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from homes(below)
        elif "--home" in action.option_strings:
            yield action


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - ANSWERING_THEMSELVES))
def test_no_command_takes_an_empty_home(command: str) -> None:
    module = import_module(module_of(command))
    parser = ArgumentParser()
    module.configure(parser)
    assert [action.type for action in homes(parser) if action.type is not place] == []


def test_a_stop_of_an_empty_name_says_that_nothing_was_stopped(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty / ".slotgate").mkdir()
    assert main(["kill", "--home", "", "--json"]) == 4
    said = capsys.readouterr()
    assert json.loads(said.out)["killed"] is False
    assert "`` names no home (is a variable not set?): NOTHING WAS STOPPED; name the home" in said.err
    assert [path.name for path in empty.rglob("*")] == [".slotgate"]


def test_a_home_without_telemetry_has_nothing_to_mend(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", "mend"]) == 0
    assert capsys.readouterr().out == "there is no telemetry file yet\n"


def test_a_name_writes_no_line_of_its_own(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert named(SourceSummary("a\nbalanced", "new", 1, 0, Counts(), Counts(), None)) == "a\\nbalanced"
    assert main(["ingest", "load", "not\x1b[31mthere"]) == 4
    assert capsys.readouterr().err.startswith("slotgate: `not\\x1b[31mthere` is not there; name files")


@pytest.mark.parametrize(
    ("number", "todo"),
    [
        (errno.EACCES, "permission denied; run it as the user who owns the home"),
        (errno.ENOSPC, "no space left on device; free some space, then try again"),
        (errno.ENOTDIR, "not a directory; make its folder writable or name another home"),
    ],
)
def test_what_the_system_refuses_is_said_with_what_helps(number: int, todo: str) -> None:
    with pytest.raises(StoreError) as refused, in_words(Path("t.duckdb")):
        raise OSError(number, os.strerror(number))
    assert str(refused.value) == f"the telemetry store `t.duckdb` cannot be used: {todo}"
