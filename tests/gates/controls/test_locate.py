"""File or environment follows configuration, never a file's existence."""

from pathlib import Path

import pytest

from gates.controls.environment import EnvironmentControls
from gates.controls.reader import ControlFile
from gates.controls.source import EnvironmentMode, FileMode, locate, open_source
from gates.home import Home
from tests.gates.controls.files import assert_admits, assert_unknown, encoded, put


def test_nothing_configured_is_environment_mode(tmp_path: Path) -> None:
    assert locate({}, tmp_path) == EnvironmentMode()
    assert isinstance(open_source(EnvironmentMode(), {}), EnvironmentControls)


def test_the_control_file_variable(tmp_path: Path) -> None:
    named = Path("/nowhere/control.json")
    assert locate({"SLOTGATE_CONTROLS": str(named)}, tmp_path) == FileMode(named, None)


def test_the_home_variable(tmp_path: Path) -> None:
    home = Home(Path("/nowhere"))
    assert locate({"SLOTGATE_HOME": "/nowhere"}, tmp_path) == FileMode(home.control_file, home)


def test_both_variables(tmp_path: Path) -> None:
    environ = {"SLOTGATE_CONTROLS": "/a/control.json", "SLOTGATE_HOME": "/b"}
    assert locate(environ, tmp_path) == FileMode(Path("/a/control.json"), Home(Path("/b")))


@pytest.mark.parametrize("below", [".", "deep", "deep/er"])
def test_a_home_here_or_above(tmp_path: Path, below: str) -> None:
    here = tmp_path / below
    here.mkdir(parents=True, exist_ok=True)
    (tmp_path / ".slotgate").mkdir()
    home = Home(tmp_path / ".slotgate")
    assert locate({}, here) == FileMode(home.control_file, home)


def test_the_nearest_home_counts(tmp_path: Path) -> None:
    (tmp_path / ".slotgate").mkdir()
    near = tmp_path / "near"
    (near / ".slotgate").mkdir(parents=True)
    mode = locate({}, near)
    assert isinstance(mode, FileMode)
    assert mode.path.is_relative_to(near)


@pytest.mark.parametrize("kind", ["file", "dangling symlink", "symlink to itself"])
def test_whatever_is_called_a_home_makes_file_mode(tmp_path: Path, kind: str) -> None:
    place = tmp_path / ".slotgate"
    match kind:
        case "file":
            place.touch()
        case "dangling symlink":
            place.symlink_to("nowhere")
        case _:
            place.symlink_to(place.name)
    mode = locate({}, tmp_path)
    assert isinstance(mode, FileMode)
    assert_unknown(open_source(mode, {}))


def test_what_cannot_be_told_makes_file_mode(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    mode = locate({}, loop / "here")
    assert isinstance(mode, FileMode)
    assert_unknown(open_source(mode, {}))


@pytest.mark.parametrize(
    "environ",
    [
        {"SLOTGATE_CONTROLS": ""},
        {"SLOTGATE_HOME": ""},
        {"SLOTGATE_CONTROLS": "", "SLOTGATE_HOME": ""},
    ],
    ids=str,
)
def test_set_but_empty_denies(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "controls").mkdir()
    put(tmp_path / "controls" / "control.json", encoded())
    mode = locate(environ, tmp_path)
    assert isinstance(mode, FileMode)
    assert_unknown(open_source(mode, environ | {"FEATURE_SLOTGEN_AI": "true"}))


def test_an_empty_home_variable_is_no_leave_to_look_further(tmp_path: Path) -> None:
    (tmp_path / ".slotgate" / "controls").mkdir(parents=True)
    put(tmp_path / ".slotgate" / "controls" / "control.json", encoded())
    assert_unknown(open_source(locate({"SLOTGATE_HOME": ""}, tmp_path), {}))


def test_relative_paths_are_taken_from_the_working_directory(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    file = tmp_path / "c.json"
    assert locate({"SLOTGATE_CONTROLS": "c.json", "SLOTGATE_HOME": "h"}, tmp_path) == FileMode(file, home)
    assert locate({}, tmp_path, home=Path("h")) == FileMode(home.control_file, home)
    assert locate({}, tmp_path, controls=Path("c.json")) == FileMode(file, None)


def test_what_the_caller_names_goes_first(tmp_path: Path) -> None:
    environ = {"SLOTGATE_CONTROLS": "/env/control.json", "SLOTGATE_HOME": "/env"}
    given = Home(tmp_path)
    assert locate(environ, tmp_path, home=tmp_path) == FileMode(given.control_file, given)
    file = tmp_path / "f.json"
    assert locate(environ, tmp_path, controls=file) == FileMode(file, Home(Path("/env")))
    assert locate(environ, tmp_path, home=tmp_path, controls=file) == FileMode(file, given)


def test_a_missing_file_in_file_mode_denies_and_never_falls_back(tmp_path: Path) -> None:
    environ = {"SLOTGATE_HOME": str(tmp_path / "home"), "FEATURE_SLOTGEN_AI": "true"}
    environ |= {"SLOTGEN_AI_ROLLOUT_PERCENT": "100", "SLOTGEN_ALLOWLIST_PATH": "/nowhere"}
    mode = locate(environ, tmp_path)
    assert isinstance(mode, FileMode)
    source = open_source(mode, environ)
    assert isinstance(source, ControlFile)
    assert "missing" in assert_unknown(source)


def test_the_source_is_narrowed_by_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    put(path, encoded())
    assert_admits(open_source(FileMode(path, None), {}))
    killed = open_source(FileMode(path, None), {"SLOTGEN_AI_KILL": "true"}).current()
    assert killed.killed == "SLOTGEN_AI_KILL is set to `true`"
